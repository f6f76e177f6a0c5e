import AuroraModel

/// An artifact and the field that names it.
struct ArtifactPlace {
    let artifact: PackManifest.Artifact
    /// Such as `pack.artifacts[0]`.
    let field: String
    /// The variant it belongs to; nil for the pack's own.
    let variant: String?
}

/// A program of the pack and the field that names it.
struct ProgramPlace {
    let path: PackPath
    /// Such as `pack.entrypoint.start`.
    let field: String
}

extension ManifestDocument {
    /// The artifacts of the pack and of its variants.
    var artifactPlaces: [ArtifactPlace] {
        places(of: manifest.artifacts, "pack.artifacts", nil)
            + manifest.autoscan.variants.enumerated().flatMap { index, variant in
                places(of: variant.artifacts, "pack.autoscan.variants[\(index)].artifacts", variant.name)
            }
    }

    private func places(of artifacts: [PackManifest.Artifact], _ field: String, _ variant: String?) -> [ArtifactPlace] {
        artifacts.enumerated().map { index, artifact in
            ArtifactPlace(artifact: artifact, field: "\(field)[\(index)]", variant: variant)
        }
    }

    /// The entrypoints, those of variants and the hooks.
    var programPlaces: [ProgramPlace] {
        let own = manifest.entrypoint
        var places: [(String, PackPath?)] = [
            ("pack.entrypoint.install", own.install), ("pack.entrypoint.start", own.start),
            ("pack.entrypoint.stop", own.stop), ("pack.entrypoint.health", own.health),
            ("pack.hooks.migrate", manifest.hooks.migrate), ("pack.hooks.pre_activate", manifest.hooks.preActivate),
            ("pack.hooks.post_activate", manifest.hooks.postActivate),
        ]
        for (index, variant) in manifest.autoscan.variants.enumerated() {
            for entry in PackManifest.PartialEntrypoint.table {
                places.append(
                    (
                        "pack.autoscan.variants[\(index)].entrypoint.\(entry.name)",
                        variant.entrypoint[keyPath: entry.path]
                    ))
            }
        }
        return places.compactMap { field, path in path.map { ProgramPlace(path: $0, field: field) } }
    }
}
