import AuroraTestSupport
import Glibc
import Testing

@testable import AuroraSystem

@Suite struct HostTests {
    @Test func `an error names the call, the thing, the reason and the remedy`() {
        let full = SystemError(operation: "write", path: "/data/x", errno: ENOSPC)
        #expect(full.description.hasPrefix("write /data/x: No space left on device; free space"))
        #expect(SystemError(operation: "poll", errno: EBADF).description == "poll: Bad file descriptor")
    }

    @Test func `a waiting time is never negative and rounds up`() {
        let now = ContinuousClock.now
        #expect(now.milliseconds(until: now + .microseconds(1)) == 1)
        #expect(now.milliseconds(until: now + .milliseconds(5)) == 5)
        #expect(now.milliseconds(until: now - .seconds(5)) == 0)
        #expect(now.milliseconds(until: now + .seconds(1_000_000)) == 86_400_000)
    }

    @Test func `waiting for a signal ends at its time`() throws {
        #expect(try Signals.wait(for: [SIGUSR2], timeout: .milliseconds(10)) == nil)
    }

    @Test func `what is no terminal says so`() throws {
        let null = try Descriptor.open("/dev/null", .readWrite)
        #expect(!Terminal.isTerminal(null.rawValue))
        #expect(Terminal.width(null.rawValue) == 80)
    }

    @Test func `without a service manager nothing is sent`() {
        #expect(!ServiceManager.notify("READY=1") || getenv("NOTIFY_SOCKET") != nil)
    }
}
