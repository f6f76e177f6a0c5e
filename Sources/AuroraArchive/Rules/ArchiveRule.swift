/// A rule an archive must keep; the raw value is a stable id for APIs, logs and tests.
///
/// Adding a rule is free; renaming or reusing an id is not.
package enum ArchiveRule: String, Hashable, Sendable, CaseIterable {
    // The container.
    /// The bytes are neither tar nor tar behind gzip, zstd or xz.
    case unknownFormat = "unknown-format"
    /// The header block is not POSIX ustar/pax or GNU tar.
    case tarDialect = "tar-dialect"
    /// There is nothing in the archive, or the artifact has no bytes.
    case emptyArchive = "empty-archive"
    /// The bytes end inside a compression member, a header, or an entry's content.
    case truncated = "truncated"
    /// The archive does not end with two blocks of zeros.
    case missingEndMarker = "missing-end-marker"
    /// Something follows the end of the archive or of its compression member.
    case trailingData = "trailing-data"
    /// A second tar archive follows the first one.
    case secondArchive = "second-archive"
    /// A second compression member (or a skippable frame) follows the first one.
    case secondMember = "second-member"
    /// A CRC, a length or a header checksum is wrong.
    case badChecksum = "bad-checksum"
    /// The compressed data or a header field cannot be decoded.
    case corrupt
    /// Decoding would need more memory than the limit.
    case decoderMemory = "decoder-memory"

    // Bombs.
    /// The unpacked bytes exceed the limit.
    case tooManyBytes = "too-many-bytes"
    /// The number of entries exceeds the limit.
    case tooManyEntries = "too-many-entries"
    /// A name has more levels than the limit.
    case tooDeep = "too-deep"
    /// The archive expands more than the limit allows.
    case ratio = "compression-ratio"
    /// One metadata record (pax header, long name) exceeds the limit.
    case metadataTooLarge = "metadata-too-large"

    // Names.
    /// The name is empty.
    case emptyName = "empty-name"
    /// The name starts at the root of the file system.
    case absoluteName = "absolute-name"
    /// The name climbs with `..`.
    case parentComponent = "parent-component"
    /// The name holds a control character, or one that hides or reorders text on a screen.
    case controlCharacter = "control-character"
    /// The name is not valid UTF-8.
    case invalidUTF8 = "invalid-utf8"
    /// The name or one of its components is longer than Linux allows.
    case nameTooLong = "name-too-long"
    /// The name of a file ends with a slash.
    case nameSyntax = "name-syntax"
    /// The same name occurs twice.
    case duplicateName = "duplicate-name"
    /// Two names differ only in case or Unicode normalisation.
    case equalName = "case-or-normalisation-equal-name"
    /// The entry lies below something that is not a directory.
    case parentNotDirectory = "parent-not-directory"
    /// The entry lies below a symbolic link.
    case throughLink = "through-link"

    // Links.
    /// A symbolic link leaves the tree.
    case linkLeavesTree = "link-leaves-tree"
    /// A symbolic link climbs with `..` after a name, so where it leads depends on other links.
    case linkClimbsAfterName = "link-climbs-after-name"
    /// A hard link does not name an earlier regular file of the archive.
    case hardLinkTarget = "hard-link-target"

    // Kinds and rights.
    /// A character or block device.
    case device
    /// A named pipe.
    case fifo
    /// A kind of entry that is neither file, directory nor link.
    case entryType = "entry-type"
    /// The set-user-id, set-group-id or sticky bit is set.
    case specialMode = "set-id"

    // Metadata.
    /// A sparse file.
    case sparse
    /// An access control list.
    case accessControlList = "access-control-list"
    /// An extended attribute, file flag or security label.
    case extendedAttribute = "extended-attribute"
    /// A pax key that is not on the list of keys that mean no harm.
    case paxKey = "pax-key"
    /// A pax record that does not follow its grammar.
    case paxSyntax = "pax-syntax"
    /// The same pax key, or the same kind of metadata record, twice for one entry.
    case repeatedMetadata = "repeated-metadata"
    /// A metadata record that belongs to no entry.
    case danglingMetadata = "dangling-metadata"
    /// Two statements about an entry's size differ, or a kind without content has a size.
    case sizeDisagrees = "size-disagrees"
    /// The two readers of the archive do not see the same entry.
    case viewsDisagree = "views-disagree"

    // The machine.
    /// The artifact cannot be read.
    case cannotRead = "cannot-read"
    /// The staging directory cannot be written.
    case cannotWrite = "cannot-write"
    /// The staging directory's file system is full.
    case diskFull = "disk-full"
    /// The staging directory is not an empty directory.
    case destination

    /// Whether the machine, not the archive, is at fault: trying again later may succeed.
    package var isMachineFault: Bool {
        switch self {
        case .cannotRead, .cannotWrite, .diskFull, .destination: true
        default: false
        }
    }
}
