import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

/// The real hub under a service manager.
@Suite("The hub as a service")
struct ServiceTests {
    @Test("sd_notify: READY=1 when it listens, STOPPING=1 when it was told to stop", .timeLimit(.minutes(5)))
    func notifies() throws {
        try World.with { world in
            let path = world.root + "/notify"
            let socket = try NotifySocket(at: path)
            try world.hub.start(environment: ["NOTIFY_SOCKET": path])
            #expect(try socket.next() == "READY=1")
            let answer = try run("/usr/bin/curl", ["-fsS", world.hub.updater + "/healthz"])
            #expect(answer.code == 0, "\(answer)")
            #expect(try world.hub.stop() == .exited(0))
            var messages: [String] = []
            repeat { messages.append(try socket.next()) } while messages.last != "STOPPING=1"
            // Only the watchdog may have spoken in between.
            #expect(messages.dropLast().allSatisfy { $0 == "WATCHDOG=1" })
        }
    }

    @Test(
        "the shipped units work under a real systemd: READY=1, a release, packs, restart after SIGKILL, reload, stop",
        .enabled(if: geteuid() == 0, "makes namespaces"), .timeLimit(.minutes(5)))
    func unit() throws {
        let root = String(#filePath.prefix(upTo: #filePath.range(of: "/Tests/")?.lowerBound ?? #filePath.endIndex))
        let programs = (Programs.aurora as NSString).deletingLastPathComponent
        let tried = try run(
            root + "/packaging/try-unit", [programs], environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"])
        #expect(tried.code == 0, "\(tried)")
        #expect(tried.output.contains("NoNewPrivs:\t1\n"))
        #expect(tried.output.contains("== SIGKILL: systemd starts it again, and it its packs"))
        // CAP_SYS_ADMIN is bit 21: a trial's mounts need it nowhere but in a namespace of its own.
        let line = try #require(tried.output.split(separator: "\n").first { $0.hasPrefix("CapBnd:") })
        let mask = try #require(UInt64(line.dropFirst(8), radix: 16))
        #expect(mask != 0 && mask & (1 << 21) == 0)
    }
}
