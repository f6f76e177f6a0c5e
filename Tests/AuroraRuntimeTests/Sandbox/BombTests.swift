import AuroraRuntime
import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import Glibc
import Testing

@Suite("Bombs in a room", .enabled(if: SandboxIdentity.own.uid == 0, "needs root for cgroups"))
struct BombTests {
    @Test("forks stop at the limit, and nothing is left", arguments: RoomFixture.configurations)
    func forks(_ configuration: SandboxConfiguration) throws {
        let outside = try Processes.run(
            ProcessSpec(
                executable: try AttackProgram.path, arguments: ["forks", "200"],
                environment: ["AURORA_IN_THE_OPEN": "1"]))
        #expect(outside.output == Array("200\n".utf8))
        try withRoom(configuration) { fixture in
            try AttackProgram.place(in: fixture)
            fixture.room.limits.processes = 64
            // The rooms of other tests have the same user, and the second bound counts users.
            let uid: UInt32 = configuration == .privileged ? 1_879_100_011 : 1_879_100_010
            fixture.room.identity = SandboxIdentity(uid: uid, gid: uid)
            let room = try fixture.open()
            let result = try room.run(["/pack/attack", "forks", "200"], ConfinedRun())
            #expect(result.cause == .exited(1))
            let made = try #require(Int(result.text.dropLast()))
            #expect(made >= 32 && made <= 64)
            #expect(room.members().count == made)
            #expect(room.close(grace: .zero) == [])
        }
    }

    @Test("memory ends at the limit, and the cause is told", arguments: RoomFixture.configurations)
    func memory(_ configuration: SandboxConfiguration) throws {
        let outside = try Processes.run(
            ProcessSpec(executable: try AttackProgram.path, arguments: ["memory", "300"]))
        #expect(outside.isSuccess)
        try withRoom(configuration) { fixture in
            try AttackProgram.place(in: fixture)
            fixture.room.limits.memoryBytes = 64 << 20
            let room = try fixture.open()
            #expect(!room.ranOutOfMemory)
            #expect(try room.run(["/pack/attack", "memory", "300"], ConfinedRun()).cause == .outOfMemory)
            #expect(room.ranOutOfMemory)
            // Seen through a script, which itself lives on.
            #expect(try fixture.run("/pack/attack memory 300; exit 9").cause == .outOfMemory)
            _ = room.close(grace: .zero)
            #expect(room.ranOutOfMemory)
        }
    }

    @Test("a program that only computes gets its share of the processor", arguments: RoomFixture.configurations)
    func processor(_ configuration: SandboxConfiguration) throws {
        try withRoom(configuration) { fixture in
            try AttackProgram.place(in: fixture)
            let script = "TIMEFORMAT='%U %S'; time /pack/attack spin 2000"
            func used() throws -> Double {
                let seconds = try fixture.run(script).errorText.split(whereSeparator: \.isWhitespace).map(String.init)
                return seconds.compactMap(Double.init).reduce(0, +)
            }
            fixture.room.limits.cpuPercent = 20
            // 0.4 of 2 seconds, and a period of a tenth at each end.
            let bounded = try used()
            #expect(bounded > 0 && bounded < 0.6)
        }
    }

    @Test("the private folder for temporary files is as large as it may be", arguments: ["/tmp", "/dev/shm"])
    func temporary(_ place: String) throws {
        try withRoom { fixture in
            try AttackProgram.place(in: fixture)
            fixture.room.limits.temporaryBytes = 16 << 20
            let small = try fixture.runner.run(
                ["/pack/attack", "file", "\(place)/x", "200"], in: fixture.room, ConfinedRun())
            #expect(small.text == "\(16 << 20)\ndenied: No space left on device\n")
            fixture.room.limits.temporaryBytes = 512 << 20
            fixture.room.limits.memoryBytes = 64 << 20
            let large = try fixture.runner.run(
                ["/pack/attack", "file", "\(place)/x", "200"], in: fixture.room, ConfinedRun())
            #expect(large.cause == .outOfMemory)
        }
    }

    @Test("a file and a table of descriptors are as large as they may be")
    func limits() throws {
        try withRoom { fixture in
            try AttackProgram.place(in: fixture)
            fixture.room.limits.fileBytes = 1 << 20
            fixture.room.limits.descriptors = 64
            let file = try fixture.runner.run(
                ["/pack/attack", "file", "/data/x", "2"], in: fixture.room, ConfinedRun())
            #expect(file.cause == .signalled(SIGXFSZ))
            let table = try fixture.runner.run(["/pack/attack", "descriptors", "500"], in: fixture.room, ConfinedRun())
            #expect(table.text == "61\n")
        }
    }

    @Test("defect 47: 200 MB of output are taken in bounded memory, the beginning and the end are kept")
    func flood() throws {
        try withRoom { fixture in
            try AttackProgram.place(in: fixture)
            let before = try Self.peakKilobytes()
            let result = try fixture.runner.run(["/pack/attack", "flood", "200"], in: fixture.room, ConfinedRun())
            #expect(result.cause == .exited(0))
            #expect(result.truncated)
            #expect(result.output.count == 64 << 10 && result.errorOutput.count == 64 << 10)
            #expect(result.output.allSatisfy { $0 == 0xff }, "bytes that are not UTF-8 come through")
            // Other tests run beside this one: far below the flood is what can be said.
            #expect(try Self.peakKilobytes() - before < 100 << 10)
        }
    }

    @Test("defect 47: at the time limit detached grandchildren die too, and nobody waits for them")
    func timeLimit() throws {
        try withRoom { fixture in
            let marker = "4716.\(getpid())"
            let script = "trap '' TERM; (setsid -f bash -c 'trap \"\" TERM; sleep \(marker)'); sleep \(marker)"
            var options = ConfinedRun(timeout: .milliseconds(300))
            options.killGrace = .milliseconds(100)
            let result = try fixture.run(script, options)
            #expect(result.cause == .timedOut)
            let left = try Processes.run(
                ProcessSpec(executable: "/usr/bin/pgrep", arguments: ["-f", "sleep \(marker)"]))
            #expect(left.output == [])
        }
    }

    @Test("defect 47: a program that is not there is a refusal that names it, in a room and in the next one too")
    func missingProgram() throws {
        try withRoom { fixture in
            let room = try fixture.open()
            for command in [["/pack/missing"], ["relative"], [], ["/pack"], ["/usr/bin/env\u{0}"]] {
                let refusal = try #require(throws: SandboxRefusal.self) { try room.run(command, ConfinedRun()) }
                #expect(refusal.layer == .program)
            }
            #expect(try room.bash("echo still here").text == "still here\n")
            _ = room.close(grace: .zero)
        }
    }

    @Test("defect 47: nothing of the environment is inherited")
    func environment() throws {
        setenv("AURORA_TEST_SECRET", "swordfish", 1)
        try withRoom { fixture in
            let result = try fixture.run("env | sort; tr '\\0' '\\n' </proc/1/environ; tr '\\0' ' ' </proc/1/cmdline")
            #expect(!result.text.contains("swordfish"))
            #expect(result.text.hasPrefix("HOME=/tmp\nLANG=C.UTF-8\nPATH=/usr/bin:/bin\nPWD=/pack\n"))
        }
    }

    @Test("defect 50: a service that died at once is seen to be gone")
    func deadService() throws {
        try withRoom { fixture in
            let room = try fixture.open()
            // The prototype's start script: it starts something in the background and says that all is well.
            #expect(try room.bash("(exit 7) & echo started").cause == .exited(0))
            #expect(room.waitUntilEmpty(timeout: .seconds(10)))
            #expect(room.members() == [])
            _ = room.close(grace: .zero)
        }
    }

    @Test("defect 50: stopping one room by a broad pattern reaches no other")
    func broadPattern() throws {
        try withRoom { fixture in
            let first = try fixture.open()
            let second = try fixture.open()
            for room in [first, second] { _ = try room.bash("setsid -f sleep 4717") }
            _ = try first.bash("pkill -9 -f 'sleep 4717'")
            #expect(first.waitUntilEmpty(timeout: .seconds(10)))
            #expect(second.members().map(\.command) == ["sleep 4717"])
            _ = first.close(grace: .zero)
            _ = second.close(grace: .zero)
        }
    }

    private static func peakKilobytes() throws -> Int {
        let line = try readText("/proc/self/status").split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return try #require(line?.split(separator: " ").dropFirst().first.flatMap { Int($0) })
    }
}
