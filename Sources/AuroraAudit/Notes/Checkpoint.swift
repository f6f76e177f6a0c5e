import AuroraCrypto
package import AuroraModel

/// What a log commits to at one size: its name, how many entries it has, and their root (C2SP tlog-checkpoint).
package struct Checkpoint: Hashable, Sendable {
    /// The name of the log.
    package let origin: String
    /// The number of entries.
    package let size: Int64
    /// The root over all of them.
    package let root: Digest

    /// States a size and root.
    package init(origin: String, size: Int64, root: Digest) {
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// The three lines that are signed.
    package var text: String { "\(origin)\n\(size)\n\(Base64.encode(root.bytes))\n" }

    /// Reads the text of a note; lines after the third (extensions) are allowed and ignored.
    /// - Throws: ``AuditError/malformed(what:reason:)``.
    package init(text: String) throws(AuditError) {
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
        guard lines.count >= 4, lines.last?.isEmpty == true else { throw Self.malformed("it has not three lines") }
        guard !lines[0].isEmpty, !lines.dropLast().contains("") else { throw Self.malformed("it has an empty line") }
        guard let size = Int64(lines[1]), size >= 0, String(size) == lines[1] else {
            throw Self.malformed("its size \(lines[1].printable(limit: 40)) is not a plain decimal number")
        }
        guard let root = Base64.decode(lines[2]).flatMap({ Digest(bytes: $0) }) else {
            throw Self.malformed("its root is not 32 bytes in base64")
        }
        self.init(origin: lines[0], size: size, root: root)
    }

    private static func malformed(_ reason: String) -> AuditError {
        .malformed(what: "the checkpoint", reason: reason)
    }
}
