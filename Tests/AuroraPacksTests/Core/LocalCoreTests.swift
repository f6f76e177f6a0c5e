import AuroraModel
import AuroraRuntime
import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import Glibc
import Synchronization
import Testing

@testable import AuroraPacks

@Suite struct LocalCoreTests {
    struct Bench {
        let core: LocalCore
        let packs: DoublePacks
        let runner: DoubleRunner
        let places: DevicePlaces
        let events: Monitor<[CoreEvent]>

        func client() throws -> CoreClient { try CoreClient(places) }
        func wait(_ id: String, _ state: ServiceState) -> Bool {
            core.supervisor.wait(timeout: .seconds(20)) { $0[id] == state }
        }
    }

    private func withCore(_ definitions: [ServiceDefinition], begins: Bool = true, _ body: (Bench) throws -> Void)
        throws
    {
        try withTemporaryDirectory { folder in
            let (packs, runner) = (DoublePacks(definitions), DoubleRunner())
            let events = Monitor<[CoreEvent]>([])
            let places = DevicePlaces(root: folder)
            let core = try LocalCore(places: places, packs: packs, runner: runner) { event in
                events.change(wakingAll: true) { $0.append(event) }
            }
            defer { core.end(timeout: .seconds(20)) }
            if begins { #expect(try core.begin()) }
            try body(Bench(core: core, packs: packs, runner: runner, places: places, events: events))
        }
    }

    private let pair = [DoublePacks.service("app", needs: ["base"]), DoublePacks.service("base")]

    /// The code of the problem that `body` ends with.
    private func code(_ body: () throws -> Void) -> String? {
        do { try body() } catch { return (error as? CoreProblem)?.code ?? "\(error)" }
        return nil
    }

    private func id(_ text: String) throws -> PackID { try #require(PackID(text)) }

    @Test func theActivePacksRunAndTheSocketSaysSo() throws {
        try withCore(pair) { bench in
            #expect(bench.wait("app", .ready))
            let rows = try bench.client().status()
            #expect(rows.map(\.id) == ["base", "app"] && rows.allSatisfy(\.isWell))
            #expect(rows.last?.version == "1.2.3" && rows.last?.cause == "ready")
            #expect(rows.last?.processes.map(\.command) == ["daemon app"])
            #expect(bench.packs.state.withLock { $0.recoveries } == 1)
        }
    }

    @Test func packsAreStoppedAndStartedOverTheSocket() throws {
        try withCore(pair) { bench in
            #expect(bench.wait("app", .ready))
            let client = try bench.client()
            let stopped = try client.stop([id("base")])
            #expect(stopped.map(\.id) == ["base"] && stopped.map(\.state) == [.stopped])
            #expect(try client.status().map(\.state) == [.stopped, .stopped])
            // What an operator stopped stays so when the set is read again.
            #expect(try client.reload().map(\.state) == [.stopped, .stopped])
            let started = try client.start([id("app")])
            #expect(started.map(\.id) == ["app"] && started.allSatisfy(\.isWell))
            #expect(try client.health(id("app")).passed)
            #expect(throws: CoreProblem.self) { try client.start([id("nobody")]) }
            // A refusal does not end the connection.
            #expect(try client.status().count == 2)
        }
    }

    @Test func aSecondCoreIsRefusedAndNoCoreIsNamed() throws {
        try withCore([]) { bench in
            #expect {
                _ = try LocalCore(places: bench.places, packs: bench.packs, runner: bench.runner) { _ in }
            } throws: { ($0 as? CoreProblem)?.code == "running" }
        }
        try withTemporaryDirectory { folder in
            let none = try CoreClient.ifRunning(DevicePlaces(root: folder))
            #expect(none == nil)
            #expect { try CoreClient(DevicePlaces(root: folder)) } throws: {
                ($0 as? CoreProblem)?.code == "not_running"
            }
        }
    }

    @Test func aClientThatVanishesInTheMiddleOfAChangeLeavesARecoveryBehind() throws {
        try withCore(pair) { bench in
            #expect(bench.wait("app", .ready))
            var client: CoreClient? = try bench.client()
            try client?.beginChange()
            _ = try client?.stop([id("app")], withDependants: false)
            #expect { try bench.client().beginChange() } throws: { ($0 as? CoreProblem)?.code == "busy" }
            bench.packs.state.withLock { $0.isInterrupted = true }
            client = nil
            #expect(bench.packs.state.wait(timeout: .seconds(20)) { $0.recoveries == 2 ? true : nil } == true)
            #expect(bench.wait("app", .ready))
            let told = bench.events.wait(timeout: .seconds(20)) { events in
                events.contains(.note("an interrupted change: put back")) ? true : nil
            }
            #expect(told == true)
        }
    }

    @Test("a client that vanishes while the core still works for it is noticed at once")
    func vanishesWhileItWaits() throws {
        var slow = DoublePacks.service("slow")
        slow.settings.readiness = .notify
        slow.settings.readyTimeout = .seconds(600)
        try withCore([]) { bench in
            bench.packs.state.withLock { $0.definitions = [slow] }
            var stream: LocalStream? = try LocalStream(path: bench.places.coreSocket)
            for request in [.beginChange, .start([try id("slow")], wait: .seconds(600))] as [CoreRequest] {
                try CoreWire.send(request.json, on: #require(stream), limit: CoreWire.requestLimit)
            }
            #expect(bench.wait("slow", .starting))
            #expect(bench.packs.state.withLock { $0.recoveries } == 1)
            stream = nil
            #expect(bench.packs.state.wait(timeout: .seconds(60)) { $0.recoveries == 2 ? true : nil } == true)
        }
    }

    @Test("a changer that is not understood is let go before the core waits for the lock that it may hold")
    func badChanger() throws {
        try withCore(pair) { bench in
            let stream = try LocalStream(path: bench.places.coreSocket)
            func answer() throws -> JSONValue? {
                try CoreWire.receive(from: stream, limit: CoreWire.answerLimit, idle: .seconds(60))
            }
            try CoreWire.send(CoreRequest.beginChange.json, on: stream, limit: CoreWire.requestLimit)
            #expect(try answer()?["ok"]?.bool == true)
            // As long as the client holds the device's lock.
            bench.packs.state.withLock { $0.busyLooks = .max }
            try CoreWire.send(["v": 1, "op": "nonsense"], on: stream, limit: CoreWire.requestLimit)
            #expect(try answer()?["error"]?["code"]?.string == "bad_request")
            #expect(try answer() == nil)
            bench.packs.state.withLock { $0.busyLooks = 0 }
            #expect(bench.packs.state.wait(timeout: .seconds(20)) { $0.recoveries == 2 ? true : nil } == true)
        }
    }

    @Test func aChangeThatEndsWellIsNotRecoveredAndItsNewPacksRun() throws {
        try withCore(pair) { bench in
            #expect(bench.wait("app", .ready))
            let client = try bench.client()
            try client.beginChange()
            _ = try client.stop([id("app")], withDependants: false)
            bench.packs.state.withLock { $0.definitions = [DoublePacks.service("base"), DoublePacks.service("new")] }
            #expect(try client.start([id("new")]).map(\.state) == [.ready])
            try client.endChange()
            #expect(try client.status().map(\.id) == ["base", "new"])
            #expect(bench.packs.state.withLock { $0.recoveries } == 1)
            // Healthy packs that did not change were not started again.
            #expect(try client.status().map(\.attempt) == [1, 1])
        }
    }

    @Test func theLogIsReadAndFollowedOverTheSocket() throws {
        try withCore([DoublePacks.service("app")]) { bench in
            #expect(bench.wait("app", .ready))
            var seen: [String] = []
            try bench.client().logs(try id("app"), lines: 100, follow: true) { lines in
                if seen.isEmpty, !lines.isEmpty { bench.runner.room("app")?.die() }
                seen += lines.map(\.text)
                // The second start's line comes only to a follower.
                return seen.filter { $0 == "hello from app" }.count < 2
            }
            #expect(seen.contains { $0.hasPrefix("READY -> BACKOFF") })
        }
    }

    @Test func packsThatMaySeeTheStatusFindItInAFile() throws {
        try withCore([DoublePacks.service("app")]) { bench in
            _ = bench.events.wait(timeout: .seconds(20)) { events in
                events.contains { if case .changed("app", let change) = $0 { change.to == .ready } else { false } }
                    ? true : nil
            }
            bench.core.end(timeout: .seconds(20))
            let packs = try JSONParser.parse(try readText("\(bench.places.status)/packs.json"))
            #expect(packs["packs"]?[0]?["state"]?.string == "STOPPED")
            let events = try readText("\(bench.places.status)/events.jsonl")
            #expect(events.contains("\"to\":\"READY\""))
            #expect(try FileStatus.of(bench.places.run).mode == 0o700)
        }
    }

    @Test func theSocketIsForItsOwnerUnlessAPackMayControl() throws {
        try withCore([DoublePacks.service("app")]) { bench in
            #expect(try FileStatus.of(bench.places.coreSocket).mode == 0o600)
            var controller = DoublePacks.service("launcher")
            controller.room.identity = .init(uid: 70_001, gid: 70_001)
            controller.room.mounts = [.init(host: bench.places.coreSocket, inside: "/aurora/run/core.sock")]
            bench.packs.state.withLock { $0.definitions.append(controller) }
            _ = try bench.client().reload()
            #expect(try FileStatus.of(bench.places.coreSocket).mode == 0o666)
            #expect(bench.core.judge(peer(70_001)) == .pack(user: 70_001))
            #expect(bench.core.judge(peer(70_002)) == .stranger(user: 70_002))
        }
    }

    @Test("what packs hold is written down when rooms open and states change, and not when their health is asked")
    func keeping() throws {
        try withCore(pair) { bench in
            #expect(bench.wait("app", .ready))
            for _ in 0..<8 { _ = try bench.client().health(id("app")) }
            bench.core.end(timeout: .seconds(20))
            let kept = bench.packs.state.withLock { $0.kept }
            #expect(kept.prefix(2).allSatisfy { $0.isAll } && !kept.dropFirst(2).contains { $0.isAll })
            let app = kept.map { $0.pack }.filter { $0.id == "app" }
            // All at first, then STARTING, its room, READY, STOPPING and STOPPED; those that came together are one.
            #expect((2...6).contains(app.count), "\(app.map(\.state))")
            #expect(
                app.contains { $0.state == .ready && $0.cgroup == "/groups/app" && $0.definition?.version == "1.2.3" })
            #expect(app.last?.state == .stopped && app.last?.cgroup == nil)
        }
    }

    @Test("a pack that has left the set is written down as stopped, without a definition")
    func keepingTheGone() throws {
        try withCore(pair) { bench in
            #expect(bench.wait("app", .ready))
            bench.packs.state.withLock { $0.definitions = [DoublePacks.service("base")] }
            _ = try bench.client().reload()
            let gone = bench.packs.state.wait(timeout: .seconds(20)) { state in
                state.kept.last { $0.pack.id == "app" && $0.pack.state == .stopped }?.pack
            }
            #expect(gone != nil && gone?.definition == nil && gone?.cgroup == nil)
        }
    }

    @Test("a room is made anew at each start, and the status shows the waivers it was opened under")
    func renewal() throws {
        try withCore([DoublePacks.service("app")]) { bench in
            #expect(bench.wait("app", .ready))
            let client = try bench.client()
            #expect(try client.status().first?.waived == [:])
            bench.packs.state.withLock { $0.waivers = [.cgroup: "waived by ann until tomorrow"] }
            #expect(try client.status().first?.waived == [:])
            bench.runner.room("app")?.die()
            _ = bench.core.supervisor.wait(timeout: .seconds(20)) { $0["app"] != .ready }
            #expect(bench.wait("app", .ready))
            #expect(try client.status().first?.waived == ["cgroup": "waived by ann until tomorrow"])
            _ = try client.stop([id("app")])
            #expect(try client.status().first?.waived == [:])
        }
    }

    @Test("while one connection changes the set, others look but start, stop and read nothing anew")
    func quiet() throws {
        try withCore(pair) { bench in
            #expect(bench.wait("app", .ready))
            let (changer, other) = (try bench.client(), try bench.client())
            try changer.beginChange()
            #expect(code { _ = try other.start([id("app")]) } == "busy")
            #expect(code { _ = try other.stop([id("app")]) } == "busy")
            #expect(code { _ = try other.reload() } == "busy")
            #expect(code { try other.beginChange() } == "busy")
            #expect(code { try other.endChange() } == "no_change")
            #expect(try other.status().count == 2 && other.health(id("app")).passed)
            bench.packs.state.withLock { $0.definitions.append(DoublePacks.service("new")) }
            // What a SIGHUP does: put off, and made up for at the end.
            let heard = Atomic(0)
            bench.core.onConfiguration { heard.add(1, ordering: .sequentiallyConsistent) }
            let reads = bench.packs.state.withLock { $0.configurationReads }
            #expect(try !bench.core.reload())
            #expect(try other.status().count == 2)
            #expect(bench.packs.state.withLock { $0.configurationReads } == reads)
            try changer.endChange()
            #expect(bench.packs.state.withLock { $0.configurationReads } == reads + 1)
            #expect(heard.load(ordering: .sequentiallyConsistent) == 1)
            #expect(bench.wait("new", .ready))
            #expect(try other.stop([id("new")]).map(\.state) == [.stopped])
            #expect(try other.status().map(\.attempt) == [1, 1, 1])
        }
    }

    @Test(
        "the health of a pack that left the set is asked of nobody, and while the set changes no room is opened for it")
    func healthDuringChange() throws {
        try withCore(pair) { bench in
            #expect(bench.wait("app", .ready))
            let (changer, other) = (try bench.client(), try bench.client())
            _ = try other.stop([id("app")])
            #expect(try other.health(id("app")).passed)
            #expect(bench.runner.asked.withLock { $0 } == ["app"])
            try changer.beginChange()
            #expect(code { _ = try other.health(id("app")) } == "busy")
            #expect(try other.health(id("base")).passed)
            #expect(bench.runner.asked.withLock { $0 } == ["app"])
            #expect(try changer.health(id("app")).passed)
            #expect(bench.runner.asked.withLock { $0 } == ["app", "app"])
            bench.packs.state.withLock { $0.definitions = [DoublePacks.service("base")] }
            try changer.endChange()
            #expect(code { _ = try other.health(id("app")) } == "unknown_pack")
            #expect(bench.runner.asked.withLock { $0.count } == 2)
        }
    }

    @Test("a change begins after the work of others has ended, and the next one after what this one starts")
    func oneAfterTheOther() throws {
        try withCore(pair) { bench in
            #expect(bench.wait("app", .ready))
            let (changer, other) = (try bench.client(), try bench.client())
            // The set is read in the middle of a reload, and in the middle of a change's end.
            bench.packs.holdReading()
            let reload = Background { try other.reload().count }
            bench.packs.waitForReader()
            let begin = Background { try changer.beginChange() }
            #expect(bench.core.facts.wait(timeout: .seconds(20)) { $0.phase == .changing ? true : nil } == true)
            // One that does not wait would come to this at once.
            let second = bench.packs.state.wait(timeout: .milliseconds(200)) { $0.configurationReads > 1 ? true : nil }
            #expect(second == nil && !begin.isOver)
            bench.packs.letRead()
            #expect(try reload.value() == 2)
            try begin.value()

            bench.packs.holdReading()
            let end = Background { try changer.endChange() }
            bench.packs.waitForReader()
            #expect(code { try other.beginChange() } == "busy")
            bench.packs.letRead()
            try end.value()
            try other.beginChange()
            try other.endChange()
        }
    }

    @Test("a pack that cannot be described is quarantined with the reason, and runs when it was mended")
    func refusedMember() throws {
        var bad = DoublePacks.service("bad")
        bad.refusal = "the variable TOKEN is not set"
        try withCore(pair + [bad, DoublePacks.service("late", needs: ["bad"])]) { bench in
            #expect(bench.wait("app", .ready) && bench.wait("bad", .quarantined))
            let client = try bench.client()
            let row = try #require(try client.status().first { $0.id == "bad" })
            #expect(row.cause == "refused" && row.detail == "the variable TOKEN is not set")
            #expect(row.retryMilliseconds == nil)
            #expect(try client.status().first { $0.id == "late" }?.waitsFor == ["bad"])
            #expect(try client.health(id("bad")).detail == "the variable TOKEN is not set")
            let told = bench.events.wait(timeout: .seconds(20)) { events in
                events.contains {
                    if case .changed("bad", let change) = $0 { "\(change.cause)".contains("TOKEN") } else { false }
                } ? true : nil
            }
            #expect(told == true)
            #expect(try client.start([id("bad")]).map(\.state) == [.quarantined])
            bench.packs.state.withLock { state in
                state.definitions = state.definitions.map {
                    var mended = $0
                    mended.refusal = nil
                    return mended
                }
            }
            _ = try client.reload()
            #expect(bench.wait("bad", .ready) && bench.wait("late", .ready))
            #expect(!bench.runner.asked.withLock { $0.contains("bad") })
        }
    }

    @Test(
        "what the operator decides is read again for a change and for a reload, and a change does not begin without it")
    func readingAgain() throws {
        try withCore(pair) { bench in
            let client = try bench.client()
            func reads() -> Int { bench.packs.state.withLock { $0.configurationReads } }
            #expect(reads() == 0)
            try client.beginChange()
            try client.endChange()
            #expect(reads() == 1)
            _ = try client.reload()
            #expect(reads() == 2)
            bench.packs.state.withLock { $0.isConfigurationBad = true }
            #expect(code { try client.beginChange() } == "device_configuration")
            bench.packs.state.withLock { $0.isConfigurationBad = false }
            try client.beginChange()
            try client.endChange()
        }
    }

    @Test("a core that is told to end while it judges an interrupted change ends, and leaves the change open")
    func stopDuringRecovery() throws {
        var slow = DoublePacks.service("slow")
        slow.settings.readiness = .notify
        slow.settings.readyTimeout = .seconds(600)
        try withCore([slow], begins: false) { bench in
            let (id, verdicts) = (try id("slow"), Monitor(0))
            bench.packs.state.withLock { state in
                state.judge = { control in
                    defer { verdicts.change { $0 += 1 } }
                    _ = try control.start([id], wait: .seconds(600))
                }
            }
            let began = try bench.core.begin(isStopped: { bench.core.supervisor.states["slow"] == .starting })
            #expect(!began)
            #expect(bench.core.end(timeout: .seconds(20)))
            #expect(bench.core.supervisor.states["slow"] == .stopped && verdicts.withLock { $0 } == 0)
        }
    }

    private func peer(_ user: UInt32) -> SocketPeer { SocketPeer(pid: getpid(), uid: user, gid: user) }

    @Test("the core waits for a program that is changing the device, and says so to the log and to clients")
    func waiting() throws {
        try withWaitingCore(busy: 3) { bench in
            var (answers, looks): ([String?], Int) = ([], 0)
            let began = try bench.core.begin {
                answers.append(code { _ = try bench.client().start([]) })
                let word = try? bench.client().look().starting
                if word?.contains("another command") == true { looks += 1 }
                return true
            }
            #expect(began && bench.wait("app", .ready) && bench.wait("base", .ready))
            #expect(answers == ["busy", "busy", "busy"] && looks == 3)
            let look = try bench.client().look()
            #expect(look.packs.count == 2 && look.starting == nil)
            let notes = bench.events.withLock { events in
                events.filter { if case .note(let text) = $0 { text.contains("another command") } else { false } }
            }
            #expect(notes.count == 1)
        }
    }

    @Test(
        "while the core brings an interrupted change to its end, it says how packs stand, their logs and their health")
    func lookingDuringRecovery() throws {
        try withCore(pair, begins: false) { bench in
            let app = try id("app")
            let seen = Monitor<[String]>([])
            let places = bench.places
            bench.packs.state.withLock { state in
                // As the gate does, and the health check of a pack that may ask the core.
                state.judge = { control in
                    _ = try control.start([app], wait: .seconds(20))
                    let client = try CoreClient(places)
                    let states = try client.status().map(\.state.rawValue)
                    let isWell = try client.health(app).passed
                    try client.logs(app, lines: 100, follow: false) { lines in
                        seen.change { $0 += lines.map(\.text).filter { $0 == "hello from app" } }
                        return true
                    }
                    seen.change { $0 += states + ["\(isWell)"] }
                }
            }
            #expect(try bench.core.begin())
            #expect(seen.withLock { $0 } == ["hello from app", "READY", "READY", "true"])
        }
    }

    @Test("the core gives up waiting after its patience, or when it is told to end")
    func givingUp() throws {
        try withWaitingCore(busy: .max) { bench in
            #expect { _ = try bench.core.begin(patience: .zero) } throws: { ($0 as? Refusal)?.code == "device_busy" }
        }
        try withWaitingCore(busy: .max) { bench in
            let began = try bench.core.begin(wait: { false })
            #expect(!began)
            #expect(bench.runner.rooms.withLock { $0.isEmpty })
        }
    }

    /// A core that has not begun, on a device that refuses the first recoveries.
    private func withWaitingCore(busy: Int, _ body: (Bench) throws -> Void) throws {
        try withCore(pair, begins: false) { bench in
            bench.packs.state.withLock { $0.busyLooks = busy }
            try body(bench)
        }
    }

    @Test(
        "the end of packs is waited for as long as their own times allow, but not less than 90 seconds or beyond 4 hours"
    )
    func endPatience() throws {
        for (seconds, patience) in [(10, 90), (3600, 3600 * 2 + 15), (7200, 4 * 3600)] {
            var app = DoublePacks.service("app")
            (app.settings.stopTimeout, app.settings.killGrace) = (.seconds(seconds), .seconds(seconds))
            try withCore([app]) { bench in
                #expect(bench.wait("app", .ready))
                #expect(bench.core.endPatience == .seconds(patience))
            }
        }
    }

    @Test func theEndStopsEverythingAndTakesTheSocketAway() throws {
        try withCore(pair) { bench in
            #expect(bench.wait("app", .ready))
            #expect(bench.core.end(timeout: .seconds(20)))
            #expect(bench.core.supervisor.states.values.allSatisfy { $0 == .stopped })
            let order = bench.events.withLock { events in
                events.compactMap { event -> String? in
                    if case .changed(let id, let change) = event, change.to == .stopped { id } else { nil }
                }
            }
            #expect(order == ["app", "base"])
        }
    }
}
