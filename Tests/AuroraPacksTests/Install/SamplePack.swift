import AuroraModel
import AuroraSystem
import AuroraTestSupport

/// A pack as a test writes it: a manifest with lines of its own, and four scripts that do nothing unless told to.
struct SamplePack {
    var id: String
    var version = "1.0.0"
    var needs: [String: String] = [:]
    var schema = 1
    /// Further lines of the manifest below `pack:`.
    var lines: [String] = []
    var files: [String: String] = [:]
    var artifact: (text: String, sha256: String)? = nil

    /// The pack's manifest in YAML.
    var manifest: String {
        var text = """
            schema_version: "aurora-manifest-v1"
            pack:
              id: "\(id)"
              name: "\(id)"
              version: "\(version)"
              description: "a pack of a test"
              entrypoint: {install: "install.sh", start: "start.sh", stop: "stop.sh", health: "health_check.sh"}
            """
        if !needs.isEmpty {
            text += "\n  dependencies:"
            for (id, range) in needs.sorted(by: { $0.key < $1.key }) {
                text += "\n    - {pack_id: \"\(id)\", version_constraint: \"\(range)\"}"
            }
        }
        if let artifact {
            text += "\n  artifacts:\n    - {path: \"core.txt\", sha256: \"\(artifact.sha256)\"}"
        }
        if schema != 1, !lines.contains(where: { $0.hasPrefix("data:") }) {
            text += "\n  data: {schema_version: \(schema)}"
        }
        for line in lines { text += "\n  " + line }
        return text + "\n"
    }

    /// Writes the pack into a folder.
    func write(to folder: String) throws {
        var files = [
            "install.sh": "exit 0", "start.sh": "exit 0", "stop.sh": "exit 0", "health_check.sh": "exit 0",
            "VERSION": version,
        ]
        if let artifact { files["core.txt"] = artifact.text }
        files.merge(self.files) { $1 }
        for (name, text) in files {
            let isScript = name.hasSuffix(".sh")
            try AuroraTestSupport.write(
                isScript ? "#!/usr/bin/env bash\n\(text)\n" : text, to: "\(folder)/\(name)",
                mode: isScript ? 0o755 : 0o644)
        }
        try AuroraTestSupport.write(manifest, to: "\(folder)/manifest.yaml")
    }
}
