/// One entry as the tar headers state it, with long names and pax records applied.
package struct RawEntry: Hashable, Sendable {
    /// The kinds that are accepted.
    package enum Kind: String, Sendable, CustomStringConvertible {
        case file
        case directory
        case symlink
        case hardLink

        package var description: String {
            switch self {
            case .file: "file"
            case .directory: "directory"
            case .symlink: "symbolic link"
            case .hardLink: "hard link"
            }
        }
    }

    /// The name's bytes, exactly as archived.
    package let name: [UInt8]
    /// What the entry is.
    package let kind: Kind
    /// The content's length in bytes; 0 for everything but a file.
    package let size: UInt64
    /// The lower twelve mode bits.
    package let mode: UInt32
    /// The bytes of a link's target; empty for everything else.
    package let linkName: [UInt8]
}

extension RawEntry {
    /// A folder as this program writes it.
    static func folder(_ name: String) -> RawEntry {
        RawEntry(name: Array(name.utf8), kind: .directory, size: 0, mode: 0o755, linkName: [])
    }

    /// A symbolic link as this program writes it.
    static func link(_ name: String, to target: String) -> RawEntry {
        RawEntry(name: Array(name.utf8), kind: .symlink, size: 0, mode: 0o777, linkName: Array(target.utf8))
    }

    /// A file as this program writes it.
    static func file(_ name: String, size: UInt64, isExecutable: Bool = false) -> RawEntry {
        RawEntry(name: Array(name.utf8), kind: .file, size: size, mode: isExecutable ? 0o755 : 0o644, linkName: [])
    }
}
