import AuroraSystem
import Synchronization
import Testing

@Suite("Threads")
struct ServiceThreadTests {
    @Test("a thread knows itself, has its name, and has ended when it was joined")
    func identity() throws {
        let own = Mutex<ServiceThread?>(nil)
        let seen = Mutex<(isCurrent: Bool, name: String)?>(nil)
        let start = Monitor(false)
        let thread = try #require(
            ServiceThread(name: "named", stackSize: 1 << 20) {
                _ = start.wait { $0 ? true : nil }
                let name = (try? DurableFile.read("/proc/thread-self/comm")) ?? []
                let text = String(decoding: name, as: UTF8.self)
                seen.withLock { $0 = (own.withLock { $0?.isCurrent } ?? false, text) }
            })
        own.withLock { $0 = thread }
        #expect(!thread.isCurrent)
        start.change(wakingAll: true) { $0 = true }
        thread.join()
        let (isCurrent, name) = try #require(seen.withLock { $0 })
        #expect(isCurrent)
        #expect(name == "named\n")
    }

    @Test("waiting ends with nothing when the time is over")
    func timeout() {
        let monitor = Monitor(1)
        #expect(monitor.wait(timeout: .milliseconds(1)) { $0 == 2 ? true : nil } == nil)
        #expect(monitor.wait(timeout: .seconds(60)) { $0 == 1 ? $0 : nil } == 1)
    }
}
