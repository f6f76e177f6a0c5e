import AuroraModel
import AuroraTestSupport

@testable import AuroraPacks

extension FieldCase {
    private static let variant = "pack.autoscan.variants[]."

    /// A pack with a variant for the device of these tests.
    private static func varied(_ fields: [(String, JSONValue)] = [], files: [String: String] = [:]) -> FieldPack {
        let own: [(String, JSONValue)] = [
            ("pack.autoscan.auto_detect_device", true), (variant + "name", "jetson"), (variant + "when", [:]),
        ]
        return FieldPack(
            own + fields,
            files: ["two.sh": "echo two >> packs/data/seen", "one.txt": "one", "two.txt": "two"].merging(files) { $1 })
    }

    /// One with an install of its own, which says that it was taken.
    private static let choosing = varied(
        [(variant + "entrypoint.install", "two.sh")], files: ["install.sh": "echo one >> packs/data/seen"])

    private static func condition(_ name: String, _ fitting: JSONValue, _ other: JSONValue) -> FieldCase {
        FieldCase(variant + "when." + name, [(fitting, "two"), (other, "one"), (nil, "two")], choosing) { trial in
            trial.bench.traits = DeviceTraits(machine: "x86_64", board: "jetson-nano", gpus: ["nvidia"])
            return try trial.seen()
        }
    }

    private static func entrypoint(_ name: String, _ file: String) -> FieldCase {
        FieldCase(
            variant + "entrypoint." + name, [(nil, "one"), ("two.sh", "two")],
            varied(files: [file: "echo one >> packs/data/seen"])
        ) { try $0.seen() }
    }

    /// How the pack is read, and its forms for some devices.
    static let autoscan: [FieldCase] = [
        FieldCase("pack.autoscan.manifest_preference", [(["yaml"], "from yaml"), (["json"], "A"), (nil, "from yaml")]) {
            trial in
            var twin = trial.pack
            twin.set("pack.name", "from yaml")
            // What is JSON is YAML as well.
            trial.pack.files["manifest.yaml"] = "\(twin.manifest)\n"
            let staged = try trial.stage(trial.pack)
            return try trial.bench.use { try $0.list().first?.manifest.name } ?? staged
        },
        FieldCase("pack.autoscan.auto_detect_device", [(true, "two"), (false, "one"), (nil, "one")], choosing) {
            try $0.seen()
        },
        FieldCase(
            variant + "name",
            [
                ("jetson", "a 1.0.0 is added, as its variant jetson."),
                ("desktop", "a 1.0.0 is added, as its variant desktop."),
            ], choosing
        ) { trial in
            _ = try trial.stage(trial.pack)
            let id = PackID("a").map { [PackRequest.Wish.version($0, nil)] } ?? []
            return try trial.bench.use { try $0.plan(.change(id)).plan.resolution }.joined()
        },
        condition("platform", ["linux"], ["plan9"]), condition("machine", ["x86*"], ["aarch64"]),
        condition("board", ["jetson*"], ["raspberry*"]), condition("gpu", ["amd", "nvidia"], ["amd"]),
        entrypoint("install", "install.sh"), entrypoint("start", "start.sh"), entrypoint("stop", "stop.sh"),
        entrypoint("health", "health_check.sh"),
        FieldCase(
            variant + "artifacts[].path", [("one.txt", "staged"), ("two.txt", "pack_invalid")],
            varied([(variant + "artifacts[].sha256", digest("one"))])
        ) { try $0.stage($0.pack) },
        FieldCase(
            variant + "artifacts[].sha256", [(digest("one"), "staged"), (digest("two"), "pack_invalid")],
            varied([(variant + "artifacts[].path", "one.txt")])
        ) { try $0.stage($0.pack) },
        FieldCase(
            variant + "env.required", [([], "unset"), (["TOKEN"], "t"), (["OTHER"], "environment_missing")],
            varied(files: ["install.sh": "echo ${TOKEN-unset} > packs/data/seen"])
        ) { trial in
            try trial.bench.setVariable("TOKEN", "t")
            return try trial.seen()
        },
    ]
}
