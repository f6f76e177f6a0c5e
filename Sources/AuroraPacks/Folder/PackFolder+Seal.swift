package import AuroraFields
package import AuroraModel
import AuroraSystem

/// A digest that sealing wrote.
package struct SealedArtifact: Hashable, Sendable {
    package let path: PackPath
    /// What the manifest said before; nil for nothing.
    package let before: Digest?
    package let after: Digest
}

extension PackFolder {
    /// Writes the SHA-256 of every artifact into the manifest, and into both where there are two.
    ///
    /// The digests alone change: comments, order and layout stay. Each file is replaced durably, and only when something
    /// changed, so sealing twice is sealing once.
    ///
    /// - Returns: what was written, in the order of the manifest.
    /// - Throws: ``DocumentError`` when a manifest is wrong or an artifact cannot be read; then nothing has changed.
    package func seal() throws(DocumentError) -> [SealedArtifact] {
        var changes: [(document: ManifestDocument, bytes: [UInt8])] = []
        var sealed: [SealedArtifact] = []
        _ = try manifest()
        for document in try manifests() {
            let digests = try digests(document)
            changes.append((document, try document.sealed(with: digests.map(\.after))))
            for artifact in digests where artifact.before != artifact.after && !sealed.contains(artifact) {
                sealed.append(artifact)
            }
        }
        for change in changes where change.bytes != change.document.bytes { try replace(change.document, change.bytes) }
        return sealed
    }

    private func digests(_ document: ManifestDocument) throws(DocumentError) -> [SealedArtifact] {
        var digests: [SealedArtifact] = []
        var problems: [DocumentProblem] = []
        for place in document.artifactPlaces {
            do throws(SystemError) {
                guard let digest = try digest(of: place.artifact.path) else { continue }
                digests.append(
                    SealedArtifact(path: place.artifact.path, before: place.artifact.digest, after: digest))
            } catch {
                problems.append(
                    document.problem(
                        place.field + ".path", "\(place.artifact.path) \(Self.reason(error))",
                        "add the file, or remove the artifact"))
            }
        }
        guard problems.isEmpty else { throw DocumentError(problems: problems) }
        return digests
    }

    private func replace(_ document: ManifestDocument, _ bytes: [UInt8]) throws(DocumentError) {
        let file = "\(path)/\(document.file)"
        do throws(SystemError) {
            try DurableFile.replace(file, contents: bytes, mode: try FileStatus.of(file).mode & 0o777)
        } catch {
            throw DocumentError(problems: [
                DocumentProblem(
                    file: document.file, line: 0, column: 0, field: "", problem: "cannot be replaced: \(error)",
                    remedy: "make the folder writable, then seal again")
            ])
        }
    }
}
