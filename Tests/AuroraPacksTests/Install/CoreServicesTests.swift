import AuroraActivation
import AuroraModel
import AuroraTestSupport
import Synchronization
import Testing

@testable import AuroraPacks

/// How long a change waits for the core.
@Suite struct CoreServicesTests {
    /// A core that remembers how long it was given, and does nothing.
    private final class PatientControl: PackControl {
        let waits = Mutex<[Duration]>([])

        func status() -> [PackStatus] { [] }
        func start(_ ids: [PackID], wait: Duration) -> [PackStatus] {
            waits.withLock { $0.append(wait) }
            return []
        }
        func stop(_ ids: [PackID], withDependants: Bool, wait: Duration) -> [PackStatus] {
            waits.withLock { $0.append(wait) }
            return []
        }
        func health(_ id: PackID) throws -> PackHealth { throw Unused() }
        private struct Unused: Error {}
    }

    /// A core that answers everything with one problem, or with one row.
    private struct FixedControl: PackControl {
        var problem: CoreProblem?
        var row: PackStatus?

        private func answer() throws -> [PackStatus] {
            if let problem { throw problem }
            return row.map { [$0] } ?? []
        }
        func status() throws -> [PackStatus] { try answer() }
        func start(_ ids: [PackID], wait: Duration) throws -> [PackStatus] { try answer() }
        func stop(_ ids: [PackID], withDependants: Bool, wait: Duration) throws -> [PackStatus] { try answer() }
        func health(_ id: PackID) throws -> PackHealth {
            _ = try answer()
            return PackHealth(passed: true, detail: "good", output: "", milliseconds: 1)
        }
    }

    /// Runs `body` with pack `a`, as it is active.
    private func withActive(_ body: (RunnablePack) throws -> Void) throws {
        try withBench { bench in
            try bench.stage(SamplePack(id: "a"))
            try bench.install("a")
            let set = try SetTrees.active(at: bench.places)
            try body(RunnablePack(pack: try #require(try bench.use { try $0.list().first }), set: set))
        }
    }

    @Test(
        "a core that has no time or is not there says nothing about a pack",
        arguments: ["busy", "ending", "gone", "too_many"])
    func noVerdict(_ code: String) throws {
        try withActive { pack in
            let services = CoreServices(FixedControl(problem: CoreProblem(code: code, "no")))
            #expect(throws: NoVerdict.self) { try services.start(pack) }
            #expect(throws: NoVerdict.self) { _ = try services.check(pack, within: .seconds(1)) }
            #expect(throws: NoVerdict.self) { try services.stop([pack.id]) }
            let unknown = CoreServices(FixedControl(problem: CoreProblem(code: "unknown_pack", "no")))
            #expect(throws: CoreProblem.self) { try unknown.start(pack) }
        }
    }

    @Test("a stop may take as long as the longest stop_timeout_seconds of a manifest")
    func stop() throws {
        let control = PatientControl()
        try CoreServices(control).stop([try #require(PackID("a"))])
        #expect(control.waits.withLock { $0 } == [LocalCore.longestEnd])
    }

    @Test("a start is waited for beyond its limits, until the core has killed what ignores SIGTERM")
    func start() throws {
        try withBench { bench in
            let limits = "service: {start_timeout_seconds: 5}"
            try bench.stage(SamplePack(id: "a", lines: [limits, "safety: {health_check_timeout_seconds: 7}"]))
            try bench.install("a")
            let control = PatientControl()
            let set = try SetTrees.active(at: bench.places)
            let pack = try #require(try bench.use { try $0.list().first })
            #expect(throws: Refusal.self) { try CoreServices(control).start(RunnablePack(pack: pack, set: set)) }
            #expect(control.waits.withLock { $0 } == [.seconds(5 + 7 + 15)])
        }
    }
}
