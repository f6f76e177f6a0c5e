import AuroraRuntime
import AuroraSystem
import Dispatch
import Foundation

/// How late tasks begin at 10,000 of them a second, beside libdispatch and apscheduler.
enum LatenessRows {
    private static let rate = 10_000

    static func run(_ bench: Bench, _ peer: SchedulerPeer?) throws -> [ResultRow] {
        let length = bench.isQuick ? 1 : 5
        var ours = Lateness()
        var dispatch = Lateness()
        for _ in 0..<bench.rounds {
            ours.add(try onTimers(length))
            dispatch.add(try onDispatch(length))
        }
        let python = try peer.map { try $0.run("lateness", "\(rate)", "\(length)") } ?? []
        let worst = python.count == 3 ? python[1] : 0
        let ran = python.count == 3 ? Int(python[2]) : 0
        let isAll = ran == rate * length
        let name = "lateness at 10,000 tasks a second"
        let said = isAll ? Unit.seconds.text(worst) : "only \(ran) of \(rate * length) tasks ran"
        return [
            ResultRow(
                "\(name), median", ours: ours.median.text, peer: "libdispatch: \(dispatch.median.text)",
                ratio: times(ours.median.median, dispatch.median.median)),
            ResultRow(
                "\(name), p99", ours: ours.worst.text, peer: "libdispatch: \(dispatch.worst.text)",
                ratio: times(ours.worst.median, dispatch.worst.median), bar: "< 2 ms",
                isMet: ours.worst.median < 0.002),
            ResultRow(
                "\(name), p99, against apscheduler", ours: ours.worst.text,
                peer: peer == nil ? SchedulerRows.missing : said, ratio: times(ours.worst.median, isAll ? worst : 0)),
        ]
    }

    /// Median and 99th percentile of several rounds.
    private struct Lateness {
        var median = Samples(.seconds)
        var worst = Samples(.seconds)

        mutating func add(_ nanoseconds: [Int64]) {
            let sorted = nanoseconds.sorted()
            median.add(Double(sorted[sorted.count / 2]) / 1e9)
            worst.add(Double(sorted[sorted.count * 99 / 100]) / 1e9)
        }
    }

    /// Where tasks write how late they were, each in its own place.
    private final class Notes: Sendable {
        private let late: Monitor<(values: [Int64], count: Int)>

        init(_ count: Int) { late = Monitor((Array(repeating: 0, count: count), 0)) }

        func add(_ value: Int64) {
            let isLast = late.withLock { notes in
                notes.values[notes.count] = value
                notes.count += 1
                return notes.count == notes.values.count
            }
            if isLast { late.change(wakingAll: true) { _ in } }
        }

        /// All of them; fails when some task has not run after two minutes.
        func wait() throws -> [Int64] {
            let all = late.wait(timeout: .seconds(120)) { $0.count == $0.values.count ? $0.values : nil }
            guard let all else {
                let (ran, count) = late.withLock { ($0.count, $0.values.count) }
                throw BenchError("only \(ran) of \(count) tasks ran within two minutes")
            }
            return all
        }
    }

    private static func onTimers(_ length: Int) throws -> [Int64] {
        let workers = Workers(limit: 2)
        let timers = try Timers(workers: workers) { _ in }
        defer {
            timers.stop()
            workers.stop()
        }
        let notes = Notes(rate * length)
        let clock = BootClock.system
        let begin = clock.now() + 1_000_000_000
        for number in 0..<rate * length {
            let due = begin + Int64(number) * 1_000_000_000 / Int64(rate)
            let delay = try Span(.nanoseconds(due - clock.now()))
            timers.after(delay) { _ in notes.add(clock.now() - due) }
        }
        return try notes.wait()
    }

    private static func onDispatch(_ length: Int) throws -> [Int64] {
        let queue = DispatchQueue(label: "bench", attributes: .concurrent)
        let notes = Notes(rate * length)
        let begin = DispatchTime.now().uptimeNanoseconds + 1_000_000_000
        for number in 0..<rate * length {
            let due = begin + UInt64(number) * 1_000_000_000 / UInt64(rate)
            queue.asyncAfter(deadline: DispatchTime(uptimeNanoseconds: due)) {
                notes.add(Int64(DispatchTime.now().uptimeNanoseconds) - Int64(due))
            }
        }
        return try notes.wait()
    }
}
