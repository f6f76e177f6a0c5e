package import AuroraModel

/// A SHA-256 sidecar as `sha256sum` or its BSD cousin writes it.
///
/// Understood are `HASH`, `HASH  name`, `HASH *name` and `SHA256 (name) = HASH`, one line per file. Source: coreutils,
/// "md5 and sha: output format".
package struct ChecksumFile: Hashable, Sendable {
    /// One line: the digest, and the file it speaks of unless it names none.
    package struct Entry: Hashable, Sendable {
        package let digest: Digest
        package let name: String?
    }

    package let entries: [Entry]

    /// Largest file that is read, in bytes.
    package static let largest = 64 * 1024

    /// Reads a sidecar strictly: one unreadable line makes the whole file unreadable.
    /// - Returns: nil when it is empty, too large, not UTF-8 or not of a known form.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count <= ChecksumFile.largest, let text = String(validating: bytes, as: UTF8.self) else {
            return nil
        }
        var entries: [Entry] = []
        for line in text.split(whereSeparator: \.isNewline) {
            guard let entry = ChecksumFile.entry(line) else { return nil }
            entries.append(entry)
        }
        guard !entries.isEmpty else { return nil }
        self.entries = entries
    }

    /// What the sidecar says of a file called `name`: the line with that last path component, else a lone nameless digest.
    /// - Returns: nil when it speaks of other files only, or gives two digests for this one.
    package func digest(for name: String) -> Digest? {
        let named = entries.filter { $0.name.map(ChecksumFile.lastComponent) == name }
        let found = named.isEmpty && entries.count == 1 && entries[0].name == nil ? entries : named
        guard let first = found.first, found.allSatisfy({ $0.digest == first.digest }) else { return nil }
        return first.digest
    }

    private static func entry(_ line: Substring) -> Entry? {
        if line.hasPrefix("SHA256 ("), line.utf8.count > 76 {
            let hash = line.suffix(64)
            let name = line.dropFirst("SHA256 (".count).dropLast(64)
            guard name.hasSuffix(") = "), let digest = Digest(hex: String(hash)) else { return nil }
            return Entry(digest: digest, name: String(name.dropLast(4)))
        }
        guard let digest = Digest(hex: String(line.prefix(64))) else { return nil }
        let rest = line.dropFirst(64)
        if rest.isEmpty { return Entry(digest: digest, name: nil) }
        guard rest.hasPrefix("  ") || rest.hasPrefix(" *"), rest.count > 2 else { return nil }
        return Entry(digest: digest, name: String(rest.dropFirst(2)))
    }

    private static func lastComponent(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}
