import AuroraFields
import AuroraModel
import AuroraYAML

extension ManifestDocument {
    /// The text with these digests, in the order of ``artifactPlaces``, instead of those it has.
    ///
    /// The new text is read again, and must say what the old one said but for the digests.
    func sealed(with digests: [Digest]) throws(DocumentError) -> [UInt8] {
        let changes = zip(artifactPlaces, digests)
            .filter { place, digest in place.artifact.digest != digest }
            .map { place, digest in (span: root.deepest(at: place.field + ".sha256").span, digest: digest) }
            .sorted { $0.span.lowerBound < $1.span.lowerBound }
        let scalars = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
        var text = String.UnicodeScalarView()
        var done = 0
        for (span, digest) in changes where span.lowerBound >= done && span.upperBound <= scalars.count {
            text.append(contentsOf: scalars[done..<span.lowerBound])
            text.append(contentsOf: "\"\(digest.hex)\"".unicodeScalars)
            done = span.upperBound
        }
        text.append(contentsOf: scalars[done...])
        let result = Array(String(text).utf8)
        guard let read = try? ManifestDocument(result, file: file, format: format),
            read.manifest == manifest.with(digests)
        else {
            throw DocumentError(problems: [
                problem(
                    "pack.artifacts", "cannot be sealed in place",
                    "write each digest on the line of its key, as sha256: \"\", and seal again")
            ])
        }
        return result
    }
}

extension PackManifest {
    /// The same with these digests, for the pack's artifacts first, then for those of each variant.
    fileprivate func with(_ digests: [Digest]) -> PackManifest {
        var manifest = self
        var rest = digests[...]
        for index in manifest.artifacts.indices { manifest.artifacts[index].digest = rest.popFirst() }
        for variant in manifest.autoscan.variants.indices {
            for index in manifest.autoscan.variants[variant].artifacts.indices {
                manifest.autoscan.variants[variant].artifacts[index].digest = rest.popFirst()
            }
        }
        return manifest
    }
}
