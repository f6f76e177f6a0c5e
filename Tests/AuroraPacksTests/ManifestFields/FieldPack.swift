import AuroraModel
import AuroraSystem
import AuroraTestSupport

/// A pack whose manifest is set field by field, so that two of them differ in one field and nothing else.
struct FieldPack: Sendable {
    /// Scripts and files by path; each script gets its first line.
    var files: [String: String] = [:]
    private(set) var manifest: JSONValue = [
        "schema_version": "aurora-manifest-v1",
        "pack": [
            "id": "a", "name": "A", "version": "1.0.0", "description": "a pack of a test",
            "entrypoint": [
                "install": "install.sh", "start": "start.sh", "stop": "stop.sh", "health": "health_check.sh",
            ],
        ],
    ]

    /// A pack with these fields beside those that must be there; paths are those of the field table.
    init(_ fields: [(String, JSONValue)] = [], files: [String: String] = [:]) {
        self.files = files
        for (field, value) in fields { set(field, value) }
    }

    /// Gives a field a value; nil takes it out.
    ///
    /// In `list[]` the first entry is meant, which is made where there is none.
    mutating func set(_ field: String, _ value: JSONValue?) {
        manifest = Self.setting(value, in: manifest, at: field.split(separator: ".").map(String.init)[...])
    }

    private static func setting(_ value: JSONValue?, in node: JSONValue, at path: ArraySlice<String>) -> JSONValue {
        guard let name = path.first else { return value ?? .null }
        var object = node.object ?? JSONObject()
        let rest = path.dropFirst()
        if name.hasSuffix("[]") {
            let key = String(name.dropLast(2))
            let list = object[key]?.array ?? []
            object[key] = .array(
                [setting(value, in: list.first ?? .object(JSONObject()), at: rest)] + list.dropFirst())
        } else if rest.isEmpty {
            object[name] = value
        } else {
            object[name] = setting(value, in: object[name] ?? .object(JSONObject()), at: rest)
        }
        return .object(object)
    }

    /// Writes the pack into a folder of this machine.
    func write(to folder: String) throws {
        var files = ["install.sh": "exit 0", "start.sh": "exit 0", "stop.sh": "exit 0", "health_check.sh": "exit 0"]
        files.merge(self.files) { $1 }
        for (name, text) in files {
            let isScript = name.hasSuffix(".sh")
            try AuroraTestSupport.write(
                isScript ? "#!/usr/bin/env bash\n\(text)\n" : text, to: "\(folder)/\(name)",
                mode: isScript ? 0o755 : 0o644)
        }
        try AuroraTestSupport.write("\(manifest)", to: "\(folder)/manifest.json")
    }
}
