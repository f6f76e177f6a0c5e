import AuroraSystem

/// One tree of files behind a part of a pack's file system; paths are names below its root.
///
/// Any thread; each change is whole or not there.
protocol FileVolume: Sendable {
    func read(_ path: [String], range: Range<Int64>?, limit: Int) throws(FileFault) -> [UInt8]
    func copy(_ path: [String], to file: borrowing Descriptor) throws(FileFault) -> Int64
    func write(_ path: [String], _ bytes: [UInt8], _ mode: WriteMode, isDurable: Bool) throws(FileFault)
    func append(_ path: [String], _ bytes: [UInt8], isDurable: Bool) throws(FileFault)
    /// Up to `limit` entries with names after `name`, in order of their bytes, and whether there are more.
    func list(_ path: [String], after name: String?, limit: Int) throws(FileFault) -> (entries: [FileEntry], more: Bool)
    func facts(_ path: [String]) throws(FileFault) -> FileFacts
    /// What lies at and below a folder, hidden names included.
    func usage(below path: [String]) throws(FileFault) -> FileUsage
    func rename(_ path: [String], to target: [String]) throws(FileFault)
    func remove(_ path: [String], isTree: Bool) throws(FileFault)
    func makeDirectory(_ path: [String]) throws(FileFault)
    func watch(_ path: [String]) throws(FileFault) -> FileWatch
    var usage: FileUsage { get }
}

/// What all volumes have in common.
enum FileVolumeRules {
    /// How names of unfinished writes begin.
    static let reservedPrefix = ".aurora-unfinished-"
}

/// How a whole file is written.
package enum WriteMode: Hashable, Sendable {
    /// A file that is there is replaced in one step; a link is replaced, not followed.
    case replace
    /// Fails with `exists` when the name is taken.
    case createNew
}

/// What is known about a file or folder.
package struct FileFacts: Hashable, Sendable {
    /// What it is.
    package enum Kind: String, Hashable, Sendable {
        case file, directory, link, other
    }

    package let kind: Kind
    /// Bytes of a file; 0 otherwise.
    package let size: Int64
    /// Of the last write, in milliseconds since 1970.
    package let modified: Int64
}

/// A name in a folder, and what it stands for.
package struct FileEntry: Hashable, Sendable {
    package let name: String
    package let facts: FileFacts
}

/// What a volume may hold, or holds.
package struct FileUsage: Hashable, Sendable {
    /// Sum of the sizes of all files.
    package var bytes: Int64
    /// Files, folders and links, the root not counted.
    package var files: Int64

    package init(bytes: Int64, files: Int64) {
        self.bytes = bytes
        self.files = files
    }

    /// Adds what fits below `quota`.
    mutating func charge(_ bytes: Int64, _ files: Int64, within quota: FileUsage) throws(FileFault) {
        let (newBytes, isTooMuch) = self.bytes.addingReportingOverflow(bytes)
        if bytes > 0, isTooMuch || newBytes > quota.bytes { throw .byteQuota(quota.bytes) }
        if files > 0, self.files + files > quota.files { throw .fileQuota(quota.files) }
        self.bytes = newBytes
        self.files += files
    }
}
