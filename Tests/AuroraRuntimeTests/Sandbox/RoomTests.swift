import AuroraRuntime
import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import Glibc
import Testing

@Suite("Rooms")
struct RoomTests {
    @Test(
        "a command runs in /pack as the room's own user, and says how it ended", arguments: RoomFixture.configurations)
    func runs(_ configuration: SandboxConfiguration) throws {
        try withRoom(configuration) { fixture in
            fixture.room.environment = ["COLOUR": "blue"]
            try write(
                "#!/bin/bash\necho $COLOUR; pwd; id -u; id -G; hostname; echo oops >&2; exit 3\n",
                to: "\(fixture.folder)/code/start.sh", mode: 0o755)
            let result = try fixture.runner.run(["/pack/start.sh"], in: fixture.room, ConfinedRun())
            let uid = RoomFixture.identity.uid
            #expect(result.text == "blue\n/pack\n\(uid)\n\(uid)\nroom\n")
            #expect(result.errorText == "oops\n")
            #expect(result.cause == .exited(3))
            #expect(!result.truncated)
        }
    }

    @Test("its folders are there: code read-only, data writable", arguments: RoomFixture.configurations)
    func folders(_ configuration: SandboxConfiguration) throws {
        try withRoom(configuration) { fixture in
            let result = try fixture.run(
                "echo kept >/data/file && mkdir /data/sub && mv /data/file /data/sub/ && cat /data/sub/file; "
                    + "touch /pack/x 2>/dev/null && echo code changed; echo t >/tmp/t && cat /tmp/t; ls -A /")
            #expect(result.text.hasPrefix("kept\nt\n"), "\(result.text) \(result.errorText)")
            #expect(!result.text.contains("code changed"))
            #expect(try readText("\(fixture.folder)/data/sub/file") == "kept\n")
            let top = result.text.split(separator: "\n").dropFirst(2)
            let all = ".aurora-launcher bin data dev etc lib lib64 pack proc sbin tmp usr"
            #expect(top.joined(separator: " ") == all)
        }
    }

    @Test("descriptors that a parent left open take nobody's place", arguments: RoomFixture.configurations)
    func leftOpen(_ configuration: SandboxConfiguration) throws {
        let forgetful = ["/bin/bash", "-c", "exec 5</etc/passwd 6</etc/passwd 8</etc/passwd; exec \"$@\"", "bash"]
        try withRoom(configuration, wrapper: forgetful) { fixture in
            let result = try fixture.run("echo kept >/data/file && cat /data/file && ls /proc/self/fd")
            #expect(result.text == "kept\n0\n1\n2\n3\n", "\(result.text) \(result.errorText)")
        }
    }

    @Test("a command that cannot be run is a refusal, in a room of its own too")
    func noSuchProgram() throws {
        try withRoom { fixture in
            for command in ["/pack/none", "none"] {
                let refusal = try #require(throws: SandboxRefusal.self) {
                    try fixture.runner.run([command], in: fixture.room, ConfinedRun())
                }
                #expect(refusal.layer == .program, "\(refusal)")
            }
        }
    }

    @Test("input reaches it, and what it leaves behind dies with its room")
    func input() throws {
        try withRoom { fixture in
            var options = ConfinedRun()
            options.input = .bytes(Array("hello".utf8))
            let marker = "4713.\(getpid())"
            let result = try fixture.run("cat; setsid sleep \(marker) & setsid -f sleep \(marker)", options)
            #expect(result.text == "hello" && result.isSuccess)
            #expect(try survivors(marker) == [])
        }
    }

    @Test("an open room keeps what a command leaves behind, and its output", arguments: RoomFixture.configurations)
    func open(_ configuration: SandboxConfiguration) throws {
        try withRoom(configuration) { fixture in
            let sink = Collected()
            let room = try fixture.open(sink)
            #expect(room.members() == [])
            #expect(room.waitUntilEmpty(timeout: .zero))
            let started = try room.bash(
                "mkfifo /data/go; (read -r line </data/go; echo went $line; exec sleep 999) & echo started")
            #expect(started.text == "started\n" && started.isSuccess)
            #expect(!room.waitUntilEmpty(timeout: .zero))
            #expect(room.members().count == 1)
            let other = try room.bash("pgrep -c bash; echo on >/data/go")
            #expect(other.cause == .exited(0), "\(other)")
            #expect(eventually { sink.text().contains("went on\n") })
            #expect(eventually { room.members().map(\.command) == ["sleep 999"] })
            #expect(!room.ranOutOfMemory)
            #expect(room.close(grace: .seconds(5)) == [])
            #expect(room.members() == [])
            #expect(throws: SandboxRefusal.self) { try room.bash("true") }
        }
    }

    @Test("closing ends what ignores SIGTERM")
    func stubborn() throws {
        try withRoom { fixture in
            let marker = "4714.\(getpid())"
            let room = try fixture.open()
            _ = try room.bash("trap '' TERM; setsid -f sleep \(marker); sleep \(marker) & disown")
            #expect(room.members().count == 2)
            #expect(room.close(grace: .milliseconds(100)) == [])
            #expect(try survivors(marker) == [])
        }
    }

    @Test("a room becomes empty when its last program ends")
    func empties() throws {
        try withRoom { fixture in
            let room = try fixture.open()
            _ = try room.bash("mkfifo /data/go; (read -r line </data/go) &")
            #expect(!room.waitUntilEmpty(timeout: .milliseconds(1)))
            _ = try room.bash("echo >/data/go")
            #expect(room.waitUntilEmpty(timeout: .seconds(10)))
            _ = room.close(grace: .zero)
        }
    }

    @Test("a room that nobody holds any more is closed")
    func dropped() throws {
        try withRoom { fixture in
            let marker = "4715.\(getpid())"
            do {
                let room = try fixture.open()
                _ = try room.bash("setsid -f sleep \(marker)")
            }
            #expect(try survivors(marker) == [])
        }
    }

    @Test("several commands at once in one room get their own results")
    func many() async throws {
        try await withAsyncTemporaryDirectory { folder in
            let room = try RoomFixture(folder).open()
            let texts = try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<8 { group.addTask { try room.bash("echo \(number)").text } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(texts.sorted() == (0..<8).map { "\($0)\n" })
            _ = room.close(grace: .zero)
        }
    }

    private func survivors(_ marker: String) throws -> [UInt8] {
        try Processes.run(ProcessSpec(executable: "/usr/bin/pgrep", arguments: ["-f", "sleep \(marker)"])).output
    }
}
