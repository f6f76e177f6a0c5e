import AuroraModel
import AuroraPacks
import AuroraSystem
import AuroraTestSupport
import Glibc
import Testing

/// The local core as a real program under a service manager, and after it was killed.
@Suite struct CoreServiceStoryTests {
    @Test("sd_notify: READY=1, then WATCHDOG=1, and STOPPING=1 with the time that the packs may take to end")
    func notifies() throws {
        try CoreMachine.with { machine in
            let path = "\(machine.state)/notify"
            let socket = try NotifySocket(at: path)
            let core = try ChildProcess.start(
                ProcessSpec(
                    executable: Programs.aurora, arguments: ["agent", "run", "--local"],
                    environment: machine.environment.merging(["NOTIFY_SOCKET": path]) { $1 }))
            #expect(try socket.next() == "READY=1")
            _ = try machine.allReady()
            core.send(SIGHUP)
            #expect(try socket.next() == "WATCHDOG=1")
            core.send(SIGTERM)
            var last = ""
            repeat { last = try socket.next() } while last == "WATCHDOG=1"
            // 90 seconds for the packs, ten for a hub, and some to spare.
            #expect(last == "STOPPING=1\nEXTEND_TIMEOUT_USEC=120000000")
            #expect(try core.wait(timeout: .seconds(120)) == .exited(0))
        }
    }

    @Test("what a killed core wrote down last of a pack is not told as if it still ran")
    func killed() throws {
        try CoreMachine.with { machine in
            func runtime() throws -> JSONValue {
                try JSONParser.parse(machine.aurora("pack", "info", "app", "--json").output)["runtime"] ?? .null
            }
            let core = try machine.startCore()
            _ = try machine.allReady()
            #expect(try eventually { try runtime()["state"]?.string == "READY" })
            #expect(try runtime()["core_runs"]?.bool == true)
            #expect(try machine.aurora("pack", "info", "app").output.contains("READY, of generation 1"))
            core.send(SIGKILL)
            _ = try core.wait(timeout: .seconds(60))
            let facts = try runtime()
            #expect(facts["core_runs"]?.bool == false && facts["state"]?.string == "STOPPED")
            #expect(facts["cgroup"]?.isNull == true)
            let text = try machine.aurora("pack", "info", "app").output
            #expect(text.contains("nothing: no core runs here") && !text.contains("READY"), "\(text)")
        }
    }
}
