import AuroraModel
import AuroraRuntime
import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import Testing

@testable import AuroraPacks

/// What runs is looked at as if it were to be started now.
@Suite struct JudgingTests {
    private static let full = Refusal(.insufficientStorage, code: "storage_exceeded", "too much")

    private func withCore(
        _ body: (LocalCore, DoublePacks, Monitor<[CoreEvent]>) throws -> Void
    ) throws {
        try withTemporaryDirectory { folder in
            let packs = DoublePacks([DoublePacks.service("app"), DoublePacks.service("other")])
            packs.state.withLock { $0.waivers = [.landlock: "ann until noon"] }
            let events = Monitor<[CoreEvent]>([])
            let core = try LocalCore(
                places: DevicePlaces(root: folder), packs: packs, runner: DoubleRunner()
            ) { event in events.change(wakingAll: true) { $0.append(event) } }
            defer { core.end(timeout: .seconds(20)) }
            #expect(try core.begin())
            #expect(core.supervisor.wait(timeout: .seconds(20)) { $0.values.allSatisfy { $0 == .ready } })
            try body(core, packs, events)
        }
    }

    /// Why a pack failed, as the events told it.
    private func failure(_ id: String, _ events: Monitor<[CoreEvent]>) -> ServiceCause? {
        events.wait(timeout: .seconds(20)) { events in
            events.lazy.compactMap { event -> ServiceCause? in
                guard case .changed(id, let change) = event, change.to == .backoff else { return nil }
                return change.cause
            }.first
        }
    }

    @Test(
        "a pack that would be refused now is ended with the reason, comes back when it is mended, and no other is touched"
    )
    func refused() throws {
        try withCore { core, packs, events in
            packs.state.withLock { $0.refusals = ["app": Self.full] }
            core.judgeRunning()
            #expect(failure("app", events) == .refused("\(Self.full)"))
            #expect(core.supervisor.status.first { $0.id == "other" }?.attempt == 1)
            packs.state.withLock { $0.refusals = [:] }
            #expect(core.supervisor.wait(timeout: .seconds(20)) { $0["app"] == .ready })
        }
    }

    @Test("a pack whose waiver has ended is ended, naming the layer")
    func waiver() throws {
        try withCore { core, packs, events in
            packs.state.withLock { $0.waivers = [:] }
            core.judgeRunning()
            let cause = try #require(failure("app", events))
            #expect("\(cause)".contains("the waiver of the layer landlock has ended"))
        }
    }

    @Test("a look that fails ends nothing, and is told")
    func trouble() throws {
        try withCore { core, packs, events in
            packs.state.withLock { $0.refusals = ["app": DoublePacks.Fault()] }
            core.judgeRunning()
            let told = events.wait(timeout: .seconds(20)) { events in
                events.contains { event in
                    if case .trouble(let text) = event { text.hasPrefix("app could not be judged") } else { false }
                } ? true : nil
            }
            #expect(told == true)
            #expect(core.supervisor.status.map(\.attempt) == [1, 1])
            #expect(core.supervisor.states.values.allSatisfy { $0 == .ready })
        }
    }

    @Test("what runs is judged by the limits of now, and a judgement of an attempt that is over touches no later one")
    func present() throws {
        try withCore { core, packs, _ in
            let limit = FileUsage(bytes: 1, files: 1)
            packs.state.withLock { state in
                state.definitions[0].room.limits.storage = limit
                state.judged = []
            }
            #expect(try core.reload())
            core.judgeRunning()
            let judged = packs.state.withLock { $0.judged }
            #expect(judged.first { $0.id == "app" }?.limits.storage == limit)
            #expect(judged.first { $0.id == "other" }?.limits.storage != limit)
            let open = try #require(core.supervisor.openServices.first { $0.id == "app" })
            #expect(open.attempt == 1)
            core.supervisor.refuse(
                OpenService(id: "app", attempt: 0, opened: open.opened, defined: open.defined), because: "too late")
            #expect(core.supervisor.status.map(\.attempt) == [1, 1])
            #expect(core.supervisor.states.values.allSatisfy { $0 == .ready })
        }
    }
}
