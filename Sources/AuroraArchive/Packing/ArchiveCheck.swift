/// Judges what an archive is to hold by the unpacker's rules, before a byte of it is written.
///
/// The names and numbers of a tree are enough for that, so it costs a look at each entry and none of its content.
package struct ArchiveCheck {
    private var policy: EntryPolicy

    /// Begins with an empty archive.
    package init(limits: ArchiveLimits = ArchiveLimits()) { policy = EntryPolicy(limits: limits) }

    /// Judges a folder, which comes before what is in it.
    package mutating func add(folder name: String) throws(ArchiveRefusal) { _ = try policy.admit(.folder(name)) }

    /// Judges a symbolic link.
    package mutating func add(link name: String, to target: String) throws(ArchiveRefusal) {
        _ = try policy.admit(.link(name, to: target))
    }

    /// Judges a file of that many bytes.
    package mutating func add(file name: String, size: UInt64) throws(ArchiveRefusal) {
        _ = try policy.admit(.file(name, size: size))
    }
}
