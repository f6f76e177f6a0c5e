import AuroraModel
import AuroraSystem

@testable import AuroraPacks

extension FieldCase {
    /// Programs for a change, which run without walls here, so that they see the device from outside.
    private static let hooks = [
        "hook.sh": "echo \"from $1 to $2\" > data/state", "bad.sh": "exit 1",
        "look.sh": """
        active="$(grep -o '0.9.0\\|1.0.0' "$TEST_DATA/../../../live/a/manifest.json")"
        echo "ran when $active was active" > data/hooked
        """,
    ]

    /// How an upgrade ended, and what stands in a file of the data then.
    private static func upgraded(_ trial: FieldTrial, _ file: String) throws -> String {
        let outcome = try trial.upgrade()
        let said = try trial.bench.data("a", file)?.split(separator: "\n").joined() ?? "nothing"
        return "\(outcome == "committed" ? outcome : try trial.bench.active().joined()): \(said)"
    }

    /// What must hold for a change, what becomes of data in it, and the programs that run then.
    static let change: [FieldCase] = [
        FieldCase(
            "pack.safety.dry_run_supported",
            [
                (true, "install --dry-run ran"),
                (false, "its manifest does not support a dry run: static plan only"),
                (nil, "its manifest does not support a dry run: static plan only"),
            ], FieldPack(files: ["install.sh": "[ \"$1\" = --dry-run ]"])
        ) { trial in
            trial.bench.realRunner = try RealRooms.runner.get()
            _ = try trial.stage(trial.pack)
            let wish = PackID("a").map { [PackRequest.Wish.version($0, nil)] } ?? []
            let results = try trial.bench.use { try $0.dryRun(.change(wish), by: TestBench.ada).rehearsals }
            return results.map { $0.onlyPlanned ?? "install --dry-run ran" }.joined()
        },
        FieldCase(
            "pack.safety.operator_approval_required",
            [(true, "approval_required"), (nil, "approval_required"), (false, "committed")]
        ) { trial in
            trial.bench.configuration.policy.unattended = .accept
            _ = try trial.stage(trial.pack)
            return trial.install(approval: .none)
        },
        FieldCase(
            "pack.safety.health_check_timeout_seconds",
            [
                (
                    1,
                    "rolledBack: a is not healthy: health_check.sh ended with exit status 1; it said: not yet"
                ), (60, "committed"),
            ],
            FieldPack(files: [
                "start.sh": "(sleep 4; touch packs/data/well; sleep 600) >/dev/null 2>&1 &",
                "health_check.sh": "[ -e packs/data/well ] || { echo not yet; exit 1; }",
            ])
        ) { try $0.run() },
        FieldCase("pack.data.schema_version", [(1, "a/1"), (2, "a/2")]) { trial in
            _ = try trial.upgrade()
            let link = try FileTree.readLink("\(trial.bench.places.live)/a/data")
            return link.split(separator: "/").suffix(2).joined(separator: "/")
        },
        FieldCase(
            "pack.data.snapshot",
            [("always", "1 snapshot"), ("on_schema_change", "0 snapshot"), ("never", "0 snapshot")]
        ) { trial in
            _ = try trial.upgrade()
            return "\(try trial.bench.use { try $0.parts.snapshots.all().count }) snapshot"
        },
        FieldCase(
            "pack.data.exclude", [([], "cache, state"), (["cache"], "state"), (["state"], "cache")],
            FieldPack([("pack.data.snapshot", "always")])
        ) { trial in
            _ = try trial.upgrade()
            let copy = "\(trial.bench.places.snapshots)/2/a/content"
            return try DirectoryNames.read(in: copy).map(\.display).sorted().joined(separator: ", ")
        },
        FieldCase(
            "pack.hooks.migrate",
            [(nil, "committed: kept"), ("hook.sh", "committed: from 1 to 2"), ("bad.sh", "a 0.9.0: kept")],
            FieldPack([("pack.data.schema_version", 2)], files: hooks)
        ) { try upgraded($0, "state") },
        FieldCase(
            "pack.hooks.pre_activate",
            [
                (nil, "committed: nothing"), ("look.sh", "committed: ran when 0.9.0 was active"),
                ("bad.sh", "a 0.9.0: nothing"),
            ], FieldPack(files: hooks)
        ) { try upgraded($0, "hooked") },
        FieldCase(
            "pack.hooks.post_activate",
            [
                (nil, "committed: nothing"), ("look.sh", "committed: ran when 1.0.0 was active"),
                ("bad.sh", "a 0.9.0: nothing"),
            ], FieldPack(files: hooks)
        ) { try upgraded($0, "hooked") },
        FieldCase(
            "pack.hooks.timeout_seconds",
            [(1, "a: install.sh was still running after 1 second"), (60, "committed")],
            FieldPack(files: ["install.sh": "sleep 4"])
        ) { try $0.run() },
    ]
}
