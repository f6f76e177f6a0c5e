import AuroraModel
import AuroraRuntime
import AuroraSandbox
import AuroraTestSupport
import Testing

@testable import AuroraPacks

/// What a core is told about the packs of a real device, and what it writes down.
@Suite struct DevicePacksTests {
    private func id(_ text: String) throws -> PackID { try #require(PackID(text)) }

    @Test("the packs of the active set are services, each after those it needs, as their manifests say")
    func definitions() throws {
        try withBench { bench in
            bench.configuration.mounts = [try #require(MountName("camera")): "/srv/camera"]
            try bench.stage(
                SamplePack(
                    id: "app", needs: ["base": "^1.0.0"],
                    lines: [
                        "permissions: {network: shared, fs_read: [core-status], fs_write: [camera]}",
                        "service: {readiness: notify, restart: never, start_timeout_seconds: 7, watchdog_seconds: 9, "
                            + "backoff: {base_seconds: 2, maximum_seconds: 8, budget: 3, window_seconds: 60}}",
                    ]),
                SamplePack(id: "base", lines: ["service: {readiness: exec, health_interval_seconds: 11}"]))
            #expect(try bench.watch { packs, _ in try packs.definitions().count } == 0)
            try bench.install("app")
            try bench.watch { packs, device in
                let services = try packs.definitions()
                #expect(services.map(\.id) == ["base", "app"])
                let app = try #require(services.last)
                #expect(app.version == "1.0.0" && app.needs == ["base"])
                #expect(app.start == ["/usr/bin/bash", "/aurora/packs/app/start.sh"])
                #expect(app.stop.last == "/aurora/packs/app/stop.sh")
                #expect(app.grants == ["network:shared", "read:core-status", "write:camera"])
                #expect(app.generation == 1 && app.room.network == .shared)
                #expect(app.room.mounts.contains { $0.host == "/srv/camera" && $0.isWritable })
                #expect(app.room.identity == (try device.identity(of: id("app"))))
                #expect(app.settings.readiness == .notify && app.settings.restart.mode == .never)
                #expect(app.settings.startTimeout == .seconds(7) && app.settings.watchdog == .seconds(9))
                #expect(app.settings.restart.base == .seconds(2) && app.settings.restart.cap == .seconds(8))
                #expect(app.settings.restart.budget == 3 && app.settings.restart.window == .seconds(60))
                #expect(Set(app.probes.keys) == [.ready])
                let base = try #require(services.first)
                #expect(Set(base.probes.keys) == [.startup, .ready] && base.probes[.ready]?.period == .seconds(11))
            }
        }
    }

    @Test("a pack that cannot be described any more says why, and all others are described as before")
    func refusedMembers() throws {
        try withBench { bench in
            let token = try #require(EnvironmentName("TOKEN"))
            let camera = try #require(MountName("camera"))
            bench.configuration.environment[token] = "secret"
            bench.configuration.mounts[camera] = "/srv/camera"
            try bench.stage(
                SamplePack(id: "a"), SamplePack(id: "b", needs: ["a": "^1.0.0"], lines: ["env: {required: [TOKEN]}"]),
                SamplePack(id: "c", lines: ["permissions: {fs_read: [camera]}"]), SamplePack(id: "d"))
            try bench.install("a", "b", "c", "d")
            bench.configuration.environment = [:]
            bench.configuration.mounts = [:]
            let tree = try #require(SetTrees.active(at: bench.places)[id("d")]?.tree.hex)
            try write("pack: [", to: "\(bench.places.root)/store/\(tree)/manifest.yaml")
            try bench.watch { packs, _ in
                let services = Dictionary(try packs.definitions().map { ($0.id, $0) }) { $1 }
                #expect(Set(services.keys) == ["a", "b", "c", "d"])
                #expect(services["a"]?.refusal == nil)
                #expect(services["b"]?.refusal?.contains("TOKEN") == true && services["b"]?.needs == ["a"])
                #expect(services["c"]?.refusal?.contains("camera") == true)
                #expect(services["d"]?.refusal != nil && services["d"]?.version == "1.0.0")
                // As the core does when an operator has mended device.yaml.
                try write(
                    "version: aurora-device-v1\nenvironment: {TOKEN: new}\nmounts: {camera: /srv/camera}\n",
                    to: bench.places.configuration)
                try packs.readConfiguration()
                let mended = try packs.definitions()
                #expect(mended.filter { $0.refusal != nil }.map(\.id) == ["d"])
                #expect(mended.first { $0.id == "b" }?.room.environment["TOKEN"] == "new")
            }
        }
    }

    @Test("an interrupted change is told in words, and nothing is told where nothing was open")
    func recovery() throws {
        try withBench { bench in
            try bench.stage(SamplePack(id: "a"))
            try bench.install("a")
            let told = try bench.watch { packs, _ in try packs.recover(through: SilentControl()) }
            #expect(told == nil)
        }
    }

    @Test("the registry has what the core said last, and loses a pack's entry when the pack is collected")
    func registry() throws {
        try withBench { bench in
            try bench.stage(SamplePack(id: "a"), SamplePack(id: "b"))
            try bench.install("a", "b")
            let (a, b) = (NamespaceID(try id("a")), NamespaceID(try id("b")))
            try bench.watch { packs, device in
                let services = try packs.definitions()
                func held(_ name: String, _ state: ServiceState, cgroup: String? = nil) -> ServiceRuntime {
                    ServiceRuntime(
                        id: name, state: state, definition: services.first { $0.id == name }, cgroup: cgroup)
                }
                try packs.keep([held("a", .staged), held("b", .staged)], isAll: true)
                try packs.keep([held("a", .ready, cgroup: "/groups/a-1")], isAll: false)
                let entry = try device.registry.get(a)
                #expect(entry.facts.state == NamespaceState(.ready) && entry.facts.cgroup == "/groups/a-1")
                #expect(entry.facts.root == services.first?.room.code && entry.facts.generation == 1)
                #expect(entry.facts.mounts == services.first?.room.mounts && entry.version == 2)
                // The same again changes nothing.
                try packs.keep([held("a", .ready, cgroup: "/groups/a-1")], isAll: false)
                #expect(try device.registry.get(a).version == 2)
                // A core that was killed left this; the next one knows of "b" alone.
                try packs.keep([held("b", .staged)], isAll: true)
                #expect(try device.registry.get(a).facts.state == NamespaceState(.stopped))
                #expect(try device.registry.get(a).facts.cgroup == nil)
            }
            #expect(try bench.info("b").runtime?.facts.state == NamespaceState(.staged))
            try bench.use { installer in
                _ = try installer.install(
                    .change([.removal(try id("b"))]), approval: TestBench.typed, by: TestBench.ada)
                try installer.collect(by: TestBench.ada)
                #expect(try installer.device.registry.find(b) != nil, "it is kept to take the removal back")
            }
            bench.configuration.store.keep = 1
            try removeForGood("b", bench)
            try bench.watch { packs, device in
                #expect(try device.registry.find(b) == nil && device.registry.find(a) != nil)
                // A late word about it makes no new entry.
                try packs.keep([ServiceRuntime(id: "b", state: .stopped, definition: nil, cgroup: nil)], isAll: false)
                #expect(try device.registry.find(b) == nil)
            }
        }
    }

    /// Changes the set until no generation that is kept has the pack, and collects it.
    private func removeForGood(_ name: String, _ bench: TestBench) throws {
        for version in ["2.0.0", "3.0.0", "4.0.0"] {
            try bench.stage(SamplePack(id: "a", version: version))
            try bench.install("a")
        }
        try bench.use { installer in
            let tree = try #require(try installer.list().first { "\($0.id)" == name }?.tree)
            try installer.collect(forgetting: [tree], by: TestBench.ada)
        }
    }
}

/// A core without packs.
private struct SilentControl: PackControl {
    func status() -> [PackStatus] { [] }
    func start(_ ids: [PackID], wait: Duration) -> [PackStatus] { [] }
    func stop(_ ids: [PackID], withDependants: Bool, wait: Duration) -> [PackStatus] { [] }
    func health(_ id: PackID) throws -> PackHealth { throw CoreProblem(code: "unknown_pack", "none") }
}
