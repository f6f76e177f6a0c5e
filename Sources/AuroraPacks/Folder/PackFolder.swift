import AuroraCrypto
package import AuroraFields
package import AuroraModel
package import AuroraSystem
import Glibc

/// A pack as a folder on this machine, before it is staged: for reading its manifest, linting and sealing it.
///
/// Its files are opened part by part below the folder's descriptor and links are not followed, so nothing outside is
/// read whatever the folder holds. The folder is expected to be still: staging looks at everything again.
package struct PackFolder: Hashable, Sendable {
    /// The folder, as it was given.
    package let path: String

    /// Names a folder; nothing is opened.
    package init(_ path: String) { self.path = path }

    /// Reads the pack's manifest.
    ///
    /// Where there is one in YAML and one in JSON, both must be right and agree on id, version and
    /// `autoscan.manifest_preference`, and the preference says which one is the pack's.
    /// - Throws: ``DocumentError`` with the problems of every manifest there is.
    package func manifest() throws(DocumentError) -> ManifestDocument {
        try Self.choose(try manifests(), folder: path)
    }

    /// Every manifest of the folder, the one of the pack first.
    func manifests() throws(DocumentError) -> [ManifestDocument] {
        var documents: [ManifestDocument] = []
        var problems: [DocumentProblem] = []
        for name in ManifestName.allCases {
            do {
                guard let bytes = try read(name) else { continue }
                documents.append(try ManifestDocument(bytes, file: name.rawValue, format: name.textFormat))
            } catch { problems += error.problems }
        }
        guard problems.isEmpty else { throw DocumentError(problems: problems) }
        let preference = documents.first?.manifest.autoscan.manifestPreference ?? []
        return documents.sorted { left, right in
            let places = [left, right].map { document in
                preference.firstIndex { $0.rawValue == document.format.rawValue } ?? preference.count
            }
            return places[0] < places[1]
        }
    }

    /// The bytes of a manifest, or nil when there is none of that name.
    private func read(_ name: ManifestName) throws(DocumentError) -> [UInt8]? {
        guard let path = PackPath(name.rawValue) else { return nil }
        do {
            let file = try open(path)
            return try file.readAll(limit: 1 << 20)
        } catch {
            if error.errno == ENOENT, (try? FileTree.open(self.path)) != nil { return nil }
            let tooLarge = error.errno == EFBIG
            throw Self.error(
                name.rawValue, tooLarge ? "has more than 1048576 bytes" : "cannot be read: \(error)",
                tooLarge ? "shorten it; a manifest is a page or two" : "put a regular file there, readable for you")
        }
    }

    private static func choose(_ documents: [ManifestDocument], folder: String) throws(DocumentError)
        -> ManifestDocument
    {
        guard let first = documents.first else {
            throw error(
                folder.printable(), "has no manifest", "add manifest.yaml, manifest.yml or manifest.json to the folder")
        }
        for other in documents.dropFirst() {
            if other.format == first.format {
                throw error(
                    other.file, "stands beside \(first.file)", "remove one of the two; they are the same format")
            }
            for (field, ours, theirs) in [
                ("id", first.manifest.id.text, other.manifest.id.text),
                ("version", first.manifest.version.description, other.manifest.version.description),
                ("autoscan.manifest_preference", preference(first), preference(other)),
            ] where ours != theirs {
                throw DocumentError(problems: [
                    other.problem(
                        "pack.\(field)", "is \(theirs), and \(first.file) says \(ours)",
                        "make both manifests agree, or remove one")
                ])
            }
        }
        return first
    }

    private static func preference(_ document: ManifestDocument) -> String {
        "[" + document.manifest.autoscan.manifestPreference.map(\.rawValue).joined(separator: ", ") + "]"
    }

    private static func error(_ file: String, _ problem: String, _ remedy: String) -> DocumentError {
        DocumentError(problems: [
            DocumentProblem(file: file, line: 0, column: 0, field: "", problem: problem, remedy: remedy)
        ])
    }
}

// MARK: Files

extension PackFolder {
    /// Opens a regular file of the pack for reading.
    /// - Throws: `ENOENT`, `ELOOP` or `ENOTDIR` where a link stands in the way, `EINVAL` for what is no regular file.
    package func open(_ path: PackPath) throws(SystemError) -> Descriptor {
        var directory = try FileTree.open(self.path)
        var parts = path.text.split(separator: "/").map(String.init)[...]
        while parts.count > 1, let part = parts.popFirst() {
            directory = try directory.open(part, [.readOnly, .directory, .noFollow])
        }
        let file = try directory.open(parts.first ?? "", [.readOnly, .noFollow, .nonBlocking])
        guard try file.stat().kind == .regular else {
            throw SystemError(operation: "open", path: path.text, errno: EINVAL)
        }
        return file
    }

    /// The SHA-256 of a file of the pack; memory stays the same whatever its size.
    package func digest(of path: PackPath) throws(SystemError) -> Digest? {
        let file = try open(path)
        var hash = SHA256()
        var offset: Int64 = 0
        while true {
            let piece = try file.pread(1 << 16, at: offset)
            if piece.isEmpty { break }
            hash.update(piece)
            offset += Int64(piece.count)
        }
        return Digest(bytes: hash.finalize())
    }
}
