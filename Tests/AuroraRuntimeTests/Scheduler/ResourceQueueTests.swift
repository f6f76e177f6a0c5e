import AuroraModel
import Testing

@testable import AuroraRuntime

@Suite("The queue for resources")
struct ResourceQueueTests {
    private var queue = ResourceQueue(capacities: ["gpu": 1, "disk": 2])

    private func request(
        _ run: UInt64, _ tags: [String: Int], _ priority: Priority = .normal, at second: Int64 = 0
    ) throws -> ResourceQueue.Request {
        ResourceQueue.Request(
            run: run, job: try JobID.require("job-\(run)"), tags: tags, priority: priority,
            since: second * 1_000_000_000)
    }

    @Test("all or none is taken, and what is not needed is not waited for")
    mutating func allOrNone() throws {
        queue.request(try request(1, ["gpu": 1]))
        queue.request(try request(2, ["gpu": 1, "disk": 2]))
        queue.request(try request(3, ["disk": 2]))
        #expect(queue.grant(now: 0).map(\.run) == [1, 3])
        queue.release(3)
        #expect(queue.grant(now: 0).isEmpty, "the disk alone helps nobody")
        #expect(queue.waits.map(\.tags) == [["gpu"]] && queue.waits.map(\.holders) == [[1]])
        queue.release(1)
        #expect(queue.grant(now: 0).map(\.run) == [2])
    }

    @Test("priority goes first, then who asked first")
    mutating func order() throws {
        queue.request(try request(1, ["gpu": 1]))
        _ = queue.grant(now: 0)
        for (run, priority) in [(2, Priority.low), (3, .normal), (4, .high), (5, .normal)] {
            queue.request(try request(UInt64(run), ["gpu": 1], priority))
        }
        var order: [UInt64] = []
        var holder: UInt64 = 1
        while let next = {
            queue.release(holder)
            return queue.grant(now: 0).first?.run
        }() {
            order.append(next)
            holder = next
        }
        #expect(order == [4, 3, 5, 2])
    }

    @Test("a large request that was passed for a minute is passed no more")
    mutating func aging() throws {
        queue.request(try request(1, ["disk": 1]))
        _ = queue.grant(now: 0)
        queue.request(try request(2, ["disk": 2], .low))
        queue.request(try request(3, ["disk": 1], .high, at: 10))
        #expect(queue.grant(now: 10_000_000_000).map(\.run) == [3])
        queue.release(1)
        #expect(queue.nextPatienceEnd(after: 10_000_000_000) == 60_000_000_000)
        queue.request(try request(4, ["disk": 1], .high, at: 61))
        #expect(queue.grant(now: 61_000_000_000).isEmpty, "the free half is kept for the old request")
        queue.release(3)
        #expect(queue.grant(now: 62_000_000_000).map(\.run) == [2])
    }
}
