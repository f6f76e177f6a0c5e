/// One thing inside a tree, named relative to the tree's root.
package struct TreeEntry: Hashable, Sendable {
    /// Relative path with `/` between names, without a leading `./`; the bytes are the file system's (valid UTF-8).
    ///
    /// Swift compares strings by canonical equivalence; compare `path.utf8` where two names must stay distinct.
    package let path: String
    package let kind: FileStatus.Kind
    /// Permission bits with set-id and sticky bits; 0o777 for symlinks.
    package let mode: UInt32
    /// Bytes of a regular file; 0 otherwise.
    package let size: Int64
    /// The text of a symlink; nil otherwise.
    package let linkTarget: String?
    /// The number of hard links.
    package let links: UInt64

    package init(
        path: String, kind: FileStatus.Kind, mode: UInt32, size: Int64, linkTarget: String?, links: UInt64 = 1
    ) {
        self.path = path
        self.kind = kind
        self.mode = mode
        self.size = size
        self.linkTarget = linkTarget
        self.links = links
    }
}

/// Where an entry was found: an open directory and a name in it.
///
/// Valid only inside the visit.
package struct TreeLocation {
    /// The open directory that holds the entry.
    package let directory: Int32
    /// The entry's own name.
    package let name: String

    /// Opens the entry as a regular file for reading; a symlink put in its place meanwhile is refused (`ELOOP`).
    package func openFile() throws(SystemError) -> Descriptor {
        try Descriptor.open(name, in: directory, [.readOnly, .noFollow, .nonBlocking])
    }
}
