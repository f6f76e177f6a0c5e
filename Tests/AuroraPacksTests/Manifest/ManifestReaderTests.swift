import AuroraFields
import AuroraModel
import Testing

@testable import AuroraPacks

@Suite("Reading manifests")
struct ManifestReaderTests {
    @Test("the prototype's manifest is read as it stands")
    func prototype() throws {
        let manifest = try ManifestTexts.read(ManifestTexts.base)
        #expect(manifest.id.text == "pack03_os_base" && manifest.name == "Aurora OS Base")
        #expect(manifest.version == SemanticVersion("0.1.0"))
        #expect(manifest.description == "Virtual FS, namespace, scheduler, process abstraction")
        #expect(manifest.entrypoint.install.text == "install.sh" && manifest.entrypoint.start.text == "start.sh")
        #expect(manifest.entrypoint.stop.text == "stop.sh" && manifest.entrypoint.health.text == "health_check.sh")
        #expect(manifest.dependencies.map(\.id.text) == ["pack01_pack01", "pack02_env_profiler"])
        #expect(manifest.dependencies.map(\.range.description) == [">=1.0.0", ">=1.0.0"])
        #expect(manifest.artifacts == [.init(path: try #require(PackPath("core/vfs.py")), digest: nil)])
        #expect(!manifest.isSealed && manifest.requiredEnvironment.isEmpty)
        #expect(manifest.autoscan.detectsDevice && manifest.autoscan.manifestPreference == [.yaml, .json])
        #expect(manifest.safety.isDryRunSupported && manifest.safety.isApprovalRequired)
        #expect(manifest.safety.healthCheckTimeoutSeconds == 30)
    }

    @Test("what is left out has its default")
    func defaults() throws {
        let manifest = try ManifestTexts.read(ManifestTexts.least())
        let entrypoint = manifest.entrypoint
        let expected = PackManifest(
            id: try #require(PackID("p")), name: "P", version: try #require(SemanticVersion("1.0.0")),
            entrypoint: entrypoint)
        #expect(manifest == expected)
        #expect(!manifest.safety.isDryRunSupported && manifest.safety.isApprovalRequired)
        #expect(manifest.data == .init() && manifest.permissions.network == .none)
    }

    /// A field, what is written there, and what of the manifest must follow.
    struct Row: Sendable, CustomTestStringConvertible {
        let text: String
        let holds: @Sendable (PackManifest) -> Bool
        var testDescription: String { text }

        init(_ text: String, _ holds: @escaping @Sendable (PackManifest) -> Bool) {
            self.text = text
            self.holds = holds
        }
    }

    static let rows: [Row] = [
        Row("description: |\n  two\n  lines\n") { $0.description == "two\nlines\n" },
        Row("dependencies: [{pack_id: a, version_constraint: '^1.2, <2'}]") {
            $0.dependencies.map { "\($0.id) \($0.range.meaning)" } == ["a >=1.2.0 <2.0.0-0"]
        },
        Row("artifacts: [{path: a/b, sha256: \"\(String(repeating: "Ab", count: 32))\"}]") {
            $0.isSealed && $0.artifacts[0].digest?.hex == String(repeating: "ab", count: 32)
        },
        Row("env: {required: [PYTHON, CUDA_HOME]}") { $0.requiredEnvironment.map(\.text) == ["PYTHON", "CUDA_HOME"] },
        Row("autoscan: {manifest_preference: [json]}") { $0.autoscan.manifestPreference == [.json, .yaml] },
        Row("autoscan: {auto_detect_device: true}") { $0.autoscan.detectsDevice },
        Row("safety: {dry_run_supported: true}") { $0.safety.isDryRunSupported },
        Row("safety: {operator_approval_required: false}") { !$0.safety.isApprovalRequired },
        Row("safety: {health_check_timeout_seconds: 86400}") { $0.safety.healthCheckTimeoutSeconds == 86_400 },
        Row("data: {schema_version: 7}") { $0.data.schemaVersion == 7 },
        Row("data: {snapshot: never}") { $0.data.snapshot == .never },
        Row("data: {exclude: [cache, a/b]}") { $0.data.exclude.map(\.text) == ["cache", "a/b"] },
        Row("hooks: {migrate: m.sh}") { $0.hooks.migrate?.text == "m.sh" },
        Row("hooks: {pre_activate: m.sh}") { $0.hooks.preActivate?.text == "m.sh" },
        Row("hooks: {post_activate: m.sh}") { $0.hooks.postActivate?.text == "m.sh" },
        Row("hooks: {timeout_seconds: 9}") { $0.hooks.timeoutSeconds == 9 },
        Row("resources: {memory_mb: 64}") { $0.resources.memoryMB == 64 },
        Row("resources: {processes: 9}") { $0.resources.processes == 9 },
        Row("resources: {cpu_percent: 150}") { $0.resources.cpuPercent == 150 },
        Row("resources: {tmp_mb: 9}") { $0.resources.temporaryMB == 9 },
        Row("resources: {file_mb: 9}") { $0.resources.fileMB == 9 },
        Row("resources: {storage_mb: 9}") { $0.resources.storageMB == 9 },
        Row("resources: {storage_files: 9}") { $0.resources.storageFiles == 9 },
        Row("permissions: {network: shared}") { $0.permissions.network == .shared },
        Row("permissions: {fs_read: [maps]}") { $0.permissions.readable.map(\.text) == ["maps"] },
        Row("permissions: {fs_write: [maps]}") { $0.permissions.writable.map(\.text) == ["maps"] },
        Row("service: {readiness: notify, watchdog_seconds: 5}") {
            $0.service.readiness == .notify && $0.service.watchdogSeconds == 5
        },
        Row("service: {restart: always}") { $0.service.restart == .always },
        Row("service: {restart: never}") { $0.service.restart == .never },
        Row("service: {start_timeout_seconds: 5}") { $0.service.startTimeoutSeconds == 5 },
        Row("service: {stop_timeout_seconds: 5}") { $0.service.stopTimeoutSeconds == 5 },
        Row("service: {health_interval_seconds: 5}") { $0.service.healthIntervalSeconds == 5 },
        Row("service: {backoff: {base_seconds: 2}}") { $0.service.backoff.baseSeconds == 2 },
        Row("service: {backoff: {maximum_seconds: 5}}") { $0.service.backoff.maximumSeconds == 5 },
        Row("service: {backoff: {reset_after_seconds: 5}}") { $0.service.backoff.resetAfterSeconds == 5 },
        Row("service: {backoff: {budget: 5}}") { $0.service.backoff.budget == 5 },
        Row("service: {backoff: {window_seconds: 5}}") { $0.service.backoff.windowSeconds == 5 },
        Row("autoscan: {variants: [{name: v, when: {platform: [linux], machine: [aarch64, x86_64]}}]}") {
            $0.autoscan.variants[0].condition.platforms.map(\.text) == ["linux"]
                && $0.autoscan.variants[0].condition.machines.count == 2
        },
        Row("autoscan: {variants: [{name: v, when: {board: ['jetson*'], gpu: [nvidia]}}]}") {
            $0.autoscan.variants[0].condition.boards.map(\.text) == ["jetson*"]
                && $0.autoscan.variants[0].condition.gpus.map(\.text) == ["nvidia"]
        },
        Row("autoscan: {variants: [{name: v, when: {}, entrypoint: {start: v/start.sh}}]}") {
            $0.autoscan.variants[0].entrypoint.start?.text == "v/start.sh"
                && $0.autoscan.variants[0].entrypoint.stop == nil
        },
        Row("autoscan: {variants: [{name: v, when: {}, artifacts: [{path: v.so, sha256: ''}]}]}") {
            $0.autoscan.variants[0].artifacts.map(\.path.text) == ["v.so"] && !$0.isSealed
        },
        Row("autoscan: {variants: [{name: v, when: {}, env: {required: [X]}}]}") {
            $0.autoscan.variants[0].requiredEnvironment.map(\.text) == ["X"]
        },
    ]

    @Test("every field is read, and changes what is read", arguments: rows)
    func fields(_ row: Row) throws {
        let manifest = try ManifestTexts.read(ManifestTexts.least(row.text))
        let holds = row.holds(manifest)
        #expect(holds)
        #expect(try manifest != ManifestTexts.read(ManifestTexts.least()))
    }

    /// The leaves of the table, as they must stand in some row above.
    private func leaves(_ facts: [FieldFacts]) -> [String] {
        facts.flatMap { $0.inner.isEmpty ? [$0.name] : leaves($0.inner) }
    }

    @Test("no field of the table is without a row")
    func complete() {
        let text = Self.rows.map(\.text).joined() + ManifestTexts.base
        for name in leaves(ManifestFields.facts) where name != "health" && name != "stop" {
            #expect(text.contains("\(name):"), "\(name)")
        }
    }

    @Test("JSON says the same as YAML")
    func json() throws {
        let text = """
            {"schema_version": "aurora-manifest-v1", "pack": {"id": "p", "name": "P", "version": "1.0.0",
             "entrypoint": {"install": "install.sh", "start": "start.sh", "stop": "stop.sh", "health": "health.sh"},
             "safety": {"dry_run_supported": true, "health_check_timeout_seconds": 5}, "description": "\\u00e9\\/"}}
            """
        var expected = try ManifestTexts.read(
            ManifestTexts.least("safety: {dry_run_supported: true, health_check_timeout_seconds: 5}\ndescription: é/"))
        #expect(try ManifestTexts.read(text, .json) == expected)
        expected.name = "Q"
        #expect(try ManifestTexts.read(text, .json) != expected)
    }

    @Test("defect 49: packs are told apart by their ids, and two of one layout are two packs")
    func ids() throws {
        let first = try ManifestTexts.read(ManifestTexts.base)
        let second = try ManifestTexts.read(
            ManifestTexts.base.replacing("pack03_os_base", with: "pack05_plugin_api"))
        #expect(first.artifacts == second.artifacts && first.entrypoint == second.entrypoint)
        #expect(first.id != second.id)
        let places = DevicePlaces(root: "/d")
        #expect(places.data(of: first.id, schema: 1) != places.data(of: second.id, schema: 1))
        #expect(places.logs(of: first.id) != places.logs(of: second.id))
    }
}
