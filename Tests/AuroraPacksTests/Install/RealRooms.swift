import AuroraDatabase
import AuroraModel
import AuroraRuntime
import AuroraSandbox
import AuroraSystem
import AuroraTestSupport

@testable import AuroraPacks

/// The real sandbox and the real core, for tests in which the walls around a pack count.
enum RealRooms {
    /// One for all tests: what the machine offers is found out once.
    static let runner = Result {
        SandboxedRunner(sandbox: Sandbox(launcherPath: try BuiltPrograms.path("aurora-launcher")))
    }
}

/// The local core over the packs that are active on a bench, in this process and with real rooms.
struct RunningCore {
    let core: LocalCore
    let events: Monitor<[CoreEvent]>

    /// Runs `body` beside a core that has begun; every pack has ended when this returns.
    static func with<Result>(_ bench: TestBench, _ body: (RunningCore) throws -> Result) throws -> Result {
        bench.realRunner = try RealRooms.runner.get()
        let device = try Device(
            places: bench.places, configuration: bench.configuration, clock: .fixed(bench.now))
        defer { device.database.close() }
        let events = Monitor<[CoreEvent]>([])
        let configuration = bench.configuration
        let packs = DevicePacks(device: device, settings: try bench.settings()) { configuration }
        let core = try LocalCore(
            places: bench.places, packs: packs,
            runner: try RealRooms.runner.get(), tell: { event in events.change(wakingAll: true) { $0.append(event) } })
        defer { core.end(timeout: .seconds(120)) }
        _ = try core.begin()
        return try body(RunningCore(core: core, events: events))
    }

    /// Changes the set as a command does that finds this core running.
    func changing<Result>(_ bench: TestBench, _ body: (PackInstaller) throws -> Result) throws -> Result {
        let client = try CoreClient(bench.places)
        let device = try Device(
            places: bench.places, configuration: bench.configuration, clock: .fixed(bench.now))
        defer { device.database.close() }
        try client.beginChange()
        let result = Swift.Result {
            try body(PackInstaller.open(device, try bench.settings()) { _ in CoreServices(client) }.installer)
        }
        try client.endChange()
        return try result.get()
    }

    /// The changes of a pack's state so far.
    func changes(of pack: String = "a") -> [ServiceTransition] {
        events.withLock { events in
            events.compactMap { event -> ServiceTransition? in
                if case .changed(pack, let change) = event { change } else { nil }
            }
        }
    }

    /// The first change of the pack that is `wanted`; nil when none comes.
    func first(_ pack: String = "a", where wanted: (ServiceTransition) -> Bool) -> ServiceTransition? {
        events.wait(timeout: .seconds(120)) { events in
            for case .changed(pack, let change) in events where wanted(change) { return change }
            return nil
        }
    }

    /// What became of the pack: its first state from which nothing but a fault or a person moves it on.
    func settled(_ pack: String = "a") -> String {
        let change = first(pack) { [.ready, .backoff, .quarantined].contains($0.to) }
        return change.map { "\($0.to.rawValue) \($0.cause.code)" } ?? "nothing"
    }
}
