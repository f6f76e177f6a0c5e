import AuroraModel
import AuroraSystem

/// What a pack is staged from.
package enum PackSource: Hashable, Sendable {
    /// A folder on this machine, such as a checkout.
    case folder(String)
    /// A tar archive, plain or packed, with a detached OpenPGP signature beside it or none.
    case archive(String, signature: String?)

    /// Looks what is at `path`; a signature of the same name with `.asc` or `.sig` is found by itself.
    ///
    /// - Throws: `Refusal` with code `pack_unreadable`.
    package static func at(_ path: String) throws -> PackSource {
        switch try FileStatus.ifExists(path)?.kind {
        case .directory: return .folder(path)
        case .regular:
            let signature = try [".asc", ".sig"].map { path + $0 }.first {
                try FileStatus.ifExists($0)?.kind == .regular
            }
            return .archive(path, signature: signature)
        case nil: throw PackRefusals.source(path, "is not there")
        case .symlink, .other: throw PackRefusals.source(path, "is neither a folder nor a file")
        }
    }

    /// The path, for messages.
    package var path: String {
        switch self {
        case .folder(let path), .archive(let path, _): path
        }
    }
}
