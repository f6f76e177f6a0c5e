import AuroraSystem
import Testing

@testable import AuroraRuntime

@Suite("The pool of workers")
struct WorkersTests {
    @Test("all tasks of many threads run, on no more threads than allowed")
    func bounded() throws {
        let workers = Workers(limit: 3, name: "three")
        let log = Record<Int>()
        let running = Monitor((now: 0, most: 0))
        for number in 0..<500 {
            workers.submit {
                running.withLock {
                    $0.now += 1
                    $0.most = max($0.most, $0.now)
                }
                log.add(number)
                running.withLock { $0.now -= 1 }
            }
        }
        #expect(Set(log.wait(for: 500)).count == 500)
        #expect(running.withLock(\.most) <= 3)
        workers.stop()
    }

    @Test("a task gets a thread of its own while others block, as long as there is one")
    func threadsGrow() throws {
        let workers = Workers(limit: 8)
        let gate = Monitor(0)
        // Each waits until all eight have begun: with one thread less none would end.
        let log = Record<Int>()
        for number in 0..<8 {
            workers.submit {
                gate.change(wakingAll: true) { $0 += 1 }
                _ = gate.wait(timeout: .seconds(30)) { $0 == 8 ? true : nil }
                log.add(number)
            }
        }
        #expect(log.wait(for: 8).count == 8)
        #expect(gate.withLock { $0 } == 8)
        workers.stop()
    }

    @Test("what is queued when the pool is stopped still runs")
    func stopping() {
        let workers = Workers(limit: 1)
        let log = Record<Int>()
        for number in 0..<100 { workers.submit { log.add(number) } }
        workers.stop()
        #expect(log.all == Array(0..<100))
    }
}
