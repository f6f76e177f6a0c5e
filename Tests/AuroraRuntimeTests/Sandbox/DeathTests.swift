import AuroraRuntime
import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import Glibc
import Synchronization
import Testing

/// Whatever is killed, nothing of a room outlives it.
@Suite("Deaths around a room leave no survivor", .enabled(if: SandboxIdentity.own.uid == 0, "needs root"))
struct DeathTests {
    /// Detached twice, out of the session and the process group.
    private static let detach = "(setsid -f bash -c 'setsid -f sleep "

    enum Victim: String, CaseIterable, Sendable {
        case keeper, bubblewrap
    }

    @Test("the keeper, or bubblewrap", arguments: Victim.allCases, RoomFixture.configurations)
    func killed(_ victim: Victim, _ configuration: SandboxConfiguration) throws {
        try withRoom(configuration) { fixture in
            let marker = "4718.\(UInt32.random(in: 0 ... .max))"
            let room = try fixture.open()
            _ = try room.bash("\(Self.detach)\(marker)'); echo")
            #expect(eventually { room.members().contains { $0.command == "sleep \(marker)" } })
            let member = try #require(room.members().first?.pid)
            let keeper = try Self.parent(of: member)
            let target = victim == .keeper ? keeper : try Self.parent(of: keeper)
            kill(target, SIGKILL)
            #expect(room.waitUntilEmpty(timeout: .seconds(10)))
            #expect(eventually { (try? Self.survivors(marker)) == [] })
            #expect(throws: SandboxRefusal.self) { try room.bash("true") }
            #expect(room.close(grace: .zero) == [])
        }
    }

    @Test("a command that runs when its room is killed ends by that signal")
    func pending() throws {
        try withRoom { fixture in
            let room = try fixture.open()
            let cause = Mutex<ConfinedResult.Cause?>(nil)
            let thread = try #require(
                ServiceThread(name: "waits") {
                    let result = try? room.bash("sleep 600").cause
                    cause.withLock { $0 = result }
                })
            #expect(eventually { !room.members().isEmpty })
            kill(try Self.parent(of: try #require(room.members().first?.pid)), SIGKILL)
            thread.join()
            #expect(cause.withLock { $0 } == .signalled(SIGKILL))
        }
    }

    @Test("the supervisor, and the next one removes its groups", arguments: ["unprivileged", "privileged"])
    func supervisor(_ configuration: String) async throws {
        let launcher = try BuiltPrograms.path("aurora-launcher")
        let marker = "4719.\(UInt32.random(in: 0 ... .max))"
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [
                launcher = launcher as String, marker = marker as String, configuration = configuration as String
            ] in
            let runner = SandboxedRunner(
                sandbox: Sandbox(launcherPath: launcher), configuration: SandboxConfiguration(rawValue: configuration))
            let identity = SandboxIdentity(uid: 1_879_100_002, gid: 1_879_100_002)
            let room = try runner.open(
                Confinement(id: "left-\(marker)", identity: identity, code: "/usr/share"), output: Collected())
            _ = try room.bash("(setsid -f bash -c 'setsid -f sleep \(marker)'); echo")
            guard eventually({ room.members().contains { $0.command == "sleep \(marker)" } }) else { exit(1) }
            kill(getpid(), SIGKILL)
        }
        #expect(eventually { (try? Self.survivors(marker)) == [] })
        let tree = try CgroupTree.find()
        // Another test's supervisor may have swept it by now.
        _ = tree.sweep()
        #expect(!tree.sweep().contains { $0.hasPrefix("left-\(marker)") })
    }

    private static func survivors(_ marker: String) throws -> [UInt8] {
        try Processes.run(ProcessSpec(executable: "/usr/bin/pgrep", arguments: ["-f", "sleep \(marker)"])).output
    }

    private static func parent(of pid: Int32) throws -> Int32 {
        let line = try readText("/proc/\(pid)/status").split(separator: "\n").first { $0.hasPrefix("PPid:") }
        return try #require(line?.split(separator: "\t").last.flatMap { Int32($0) })
    }
}
