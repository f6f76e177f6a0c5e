import AuroraModel
import AuroraSystem

@testable import AuroraPacks

extension FieldCase {
    /// Two scripts of which one runs.
    private static let scripts = [
        "one.sh": "echo one >> packs/data/seen", "two.sh": "echo two >> packs/data/seen",
    ]

    private static func entrypoint(_ name: String) -> FieldCase {
        FieldCase(
            "pack.entrypoint.\(name)", [("one.sh", "one"), ("two.sh", "two"), ("three.sh", "pack_invalid")],
            FieldPack(files: scripts)
        ) { try $0.seen() }
    }

    private static func other(_ id: String, _ version: String = "1.0.0") -> FieldPack {
        FieldPack([("pack.id", .string(id)), ("pack.version", .string(version))])
    }

    /// Who the pack is, what it is made of and what it needs.
    static let identity: [FieldCase] = [
        FieldCase("schema_version", [("aurora-manifest-v1", "staged"), ("aurora-manifest-v2", "pack_invalid")]) {
            try $0.stage($0.pack)
        },
        FieldCase("pack.id", [("a", "a"), ("b", "b"), ("../b", "pack_invalid")]) { trial in
            let staged = try trial.stage(trial.pack)
            guard staged == "staged" else { return staged }
            for id in ["a", "b"] { _ = trial.install(id) }
            return try DirectoryNames.read(in: trial.bench.places.live).map(\.display).joined(separator: ", ")
        },
        FieldCase("pack.name", [("A", "A"), ("Another", "Another"), ("two\nlines", "pack_invalid")]) { trial in
            let staged = try trial.stage(trial.pack)
            return try trial.bench.use { try $0.list().first?.manifest.name } ?? staged
        },
        FieldCase("pack.description", [("for this", "for this"), (nil, "")]) { trial in
            _ = try trial.stage(trial.pack)
            return try trial.bench.use { try $0.list().first?.manifest.description } ?? ""
        },
        FieldCase("pack.version", [("1.0.0", "a 1.5.0"), ("2.0.0", "a 2.0.0")]) { trial in
            _ = try trial.stage(trial.pack, other("a", "1.5.0"))
            _ = trial.install()
            return try trial.bench.active().joined(separator: ", ")
        },
        entrypoint("install"), entrypoint("start"), entrypoint("stop"), entrypoint("health"),
        FieldCase(
            "pack.dependencies[].pack_id", [("b", "a 1.0.0, b 1.0.0"), ("c", "a 1.0.0, c 1.0.0")],
            FieldPack([("pack.dependencies[].version_constraint", "*")])
        ) { trial in
            _ = try trial.stage(trial.pack, other("b"), other("c"))
            _ = trial.install()
            return try trial.bench.active().joined(separator: ", ")
        },
        FieldCase(
            "pack.dependencies[].version_constraint",
            [("^1.0.0", "a 1.0.0, b 1.2.0"), (">=1.0.0", "a 1.0.0, b 2.0.0"), (">=3.0.0", "")],
            FieldPack([("pack.dependencies[].pack_id", "b")])
        ) { trial in
            _ = try trial.stage(trial.pack, other("b", "1.2.0"), other("b", "2.0.0"))
            _ = trial.install()
            return try trial.bench.active().joined(separator: ", ")
        },
        FieldCase(
            "pack.artifacts[].path", [("one.txt", "staged"), ("two.txt", "pack_invalid"), ("no.txt", "pack_invalid")],
            FieldPack([("pack.artifacts[].sha256", digest("one"))], files: ["one.txt": "one", "two.txt": "two"])
        ) { try $0.stage($0.pack) },
        FieldCase(
            "pack.artifacts[].sha256", [(digest("one"), "staged"), (digest("two"), "pack_invalid"), ("", "staged")],
            FieldPack([("pack.artifacts[].path", "one.txt")], files: ["one.txt": "one"])
        ) { try $0.stage($0.pack) },
        FieldCase(
            "pack.env.required", [([], "unset"), (["TOKEN"], "t"), (["TOKEN", "OTHER"], "environment_missing")],
            FieldPack(files: ["install.sh": "echo ${TOKEN-unset} > packs/data/seen"])
        ) { trial in
            try trial.bench.setVariable("TOKEN", "t")
            return try trial.seen()
        },
    ]

    static func digest(_ text: String) -> JSONValue { .string(Digest(hashing: Array(text.utf8)).hex) }
}
