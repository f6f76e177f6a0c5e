import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import Glibc
import Testing

@testable import AuroraRuntime

@Suite struct ProbeTests {
    private func room(_ network: Confinement.Network = .shared, _ mounts: [Confinement.Mount] = []) -> Confinement {
        var room = Confinement(id: "app", identity: SandboxIdentity(uid: 1, gid: 1), code: "/store/app")
        room.network = network
        room.mounts = mounts
        return room
    }

    private func ask(_ check: Probe.Check, in room: Confinement, timeout: Duration = .seconds(20)) throws -> ProbeAnswer
    {
        var probe = Probe(check)
        probe.timeout = timeout
        let open = try DoubleRunner(["/bad": { _ in .exited(3) }]).open(room, output: ServiceLog.silent)
        return ProbeRunner(room: room, stop: try StopSignal()).ask(probe, in: open)
    }

    @Test(arguments: [
        ("HTTP/1.1 204 No Content\r\n\r\n", true, "HTTP status 204"),
        ("HTTP/1.0 503 x\r\n\r\n", false, "HTTP status 503"),
        ("220 smtp\r\n", false, "answered something that is not HTTP"),
        ("", false, "answered something that is not HTTP"),
    ])
    func anHTTPProbeLooksAtTheStatus(_ reply: String, _ passed: Bool, _ detail: String) throws {
        let server = try LoopbackPort(answering: reply)
        defer { withExtendedLifetime(server) {} }
        let answer = try ask(.http(port: server.number, path: "/health"), in: room())
        #expect(answer.passed == passed && answer.detail.contains(detail), "\(answer.detail)")
    }

    @Test func aServerThatSaysNothingIsGivenUp() throws {
        let server = try LoopbackPort()
        defer { withExtendedLifetime(server) {} }
        let answer = try ask(.http(port: server.number, path: "/"), in: room(), timeout: .milliseconds(50))
        #expect(!answer.passed && answer.detail.contains("timed out"))
    }

    @Test func aTCPProbeConnects() throws {
        let server = try LoopbackPort()
        defer { withExtendedLifetime(server) {} }
        #expect(try ask(.tcp(port: server.number), in: room()).passed)
    }

    @Test func aRoomWithoutNetworkCannotBeProbedOverIt() throws {
        let answer = try ask(.tcp(port: 1), in: room(.none))
        #expect(!answer.passed && answer.detail.contains("the room has no network"))
    }

    @Test func aUnixProbeFindsTheSocketInAMountAndFollowsNoLink() throws {
        try withTemporaryDirectory { folder in
            try write("", to: "\(folder)/data/deep/x")
            let listening = try LocalSocket(.stream, path: "\(folder)/data/deep/app.sock")
            let outside = try LocalSocket(.stream, path: "\(folder)/host.sock")
            defer { withExtendedLifetime((listening, outside)) {} }
            symlink("\(folder)/host.sock", "\(folder)/data/link.sock")
            symlink(folder, "\(folder)/data/up")
            let room = room(.none, [.init(host: "\(folder)/data", inside: "/data/app")])
            #expect(try ask(.unix(path: "/data/app/deep/app.sock"), in: room).passed)
            for path in [
                "/data/app/link.sock", "/data/app/up/host.sock", "/data/app/../host.sock", "/tmp/x", "/data/app/no",
            ] {
                #expect(try !ask(.unix(path: path), in: room).passed, "\(path)")
            }
        }
    }

    @Test func aCommandProbeTellsTheExitStatus() throws {
        #expect(try ask(.command(["/good"]), in: room()).passed)
        let answer = try ask(.command(["/bad"]), in: room())
        #expect(!answer.passed && answer.detail == "exit status 3")
    }

    @Test func theStartupProbeRunsAloneUntilItPassedAndThreeBadAnswersMakeABadVerdict() {
        let now = ContinuousClock.now
        var startup = Probe(.tcp(port: 1))
        startup.period = .seconds(1)
        var schedule = ProbeSchedule([.startup: startup, .ready: Probe(.tcp(port: 2))], at: now)
        #expect(schedule.due(at: now)?.0 == .startup)
        #expect(schedule.count(.startup, false, at: now) == nil)
        #expect(schedule.due(at: now) == nil && schedule.next == now + .seconds(1))
        #expect(schedule.count(.startup, true, at: now) == true)
        #expect(schedule.next == now + .seconds(10))
        #expect(schedule.count(.ready, false, at: now) == nil)
        #expect(schedule.count(.ready, true, at: now) == true)
        let answers = (0..<3).map { _ in schedule.count(.ready, false, at: now) }
        #expect(answers == [nil, nil, false])
    }
}

extension ServiceLog {
    /// A log that nobody writes.
    fileprivate static var silent: ServiceLog {
        ServiceLog(id: "x", limits: LogLimits(), clock: .system, wake: { _ in })
    }
}
