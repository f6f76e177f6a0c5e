import AuroraDatabase
import AuroraModel
import AuroraRuntime
import AuroraSystem
import Dispatch
import Foundation
import Synchronization

/// Timers in memory and persisted jobs, beside libdispatch and apscheduler.
enum SchedulerRows {
    static func run(_ bench: Bench) throws -> [ResultRow] {
        let peer = SchedulerPeer()
        return try queueRows(bench, peer) + latenessRows(bench, peer) + persistedRows(bench, peer)
    }

    // MARK: A million timers

    private static func queueRows(_ bench: Bench, _ peer: SchedulerPeer?) throws -> [ResultRow] {
        let count = bench.isQuick ? 200_000 : 1_000_000
        var ours = Samples(.rate)
        var memory = Samples(.bytes)
        var dispatch = Samples(.rate)
        for _ in 0..<bench.rounds {
            let before = residentBytes()
            let timers = try Timers(workers: Workers(limit: 2)) { _ in }
            let delays = try (0..<count).map { try Span(.seconds(3600 + $0 * 7919 % 86400)) }
            ours.add(Double(count) / seconds { for delay in delays { timers.after(delay) { _ in } } })
            memory.add(max(0, residentBytes() - before))
            guard timers.count == count else { throw BenchError("\(timers.count) timers of \(count)") }
            timers.stop()
            dispatch.add(Double(count) / seconds { queueOnDispatch(count) })
        }
        let python = try peer.map { Double(20_000) / (try $0.run("queue", "20000").first ?? 1) }
        let name = "\(count.formatted(.number.locale(Locale(identifier: "en_US")))) timers queued"
        return [
            ResultRow(
                "\(name), in memory", ours: ours.text, peer: "libdispatch: \(dispatch.text)",
                ratio: times(ours.median, dispatch.median), bar: "all of them", isMet: true),
            ResultRow(
                "the same against apscheduler", ours: ours.text, peer: python.map { Unit.rate.text($0) } ?? missing,
                ratio: times(ours.median, python ?? 0)),
            ResultRow("memory of the queue", ours: memory.text),
        ]
    }

    /// One timer source for each, as a program does that wants to call them off.
    private static func queueOnDispatch(_ count: Int) {
        let queue = DispatchQueue(label: "bench")
        var sources: [any DispatchSourceTimer] = []
        sources.reserveCapacity(count)
        for number in 0..<count {
            let source = DispatchSource.makeTimerSource(queue: queue)
            source.schedule(deadline: .now() + .seconds(3600 + number * 7919 % 86400))
            source.setEventHandler {}
            source.activate()
            sources.append(source)
        }
        for source in sources { source.cancel() }
        queue.sync {}
    }

    private static func residentBytes() -> Double {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0
        return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }

    // MARK: Lateness

    private static func latenessRows(_ bench: Bench, _ peer: SchedulerPeer?) throws -> [ResultRow] {
        let rate = 10_000
        let length = bench.isQuick ? 1 : 5
        var ours = Lateness()
        var dispatch = Lateness()
        for _ in 0..<bench.rounds {
            ours.add(try onTimers(rate, length))
            dispatch.add(onDispatch(rate, length))
        }
        let python = try peer?.run("lateness", "\(rate)", "\(length)")
        let name = "lateness at 10,000 tasks a second"
        return [
            ResultRow(
                "\(name), median", ours: ours.median.text, peer: "libdispatch: \(dispatch.median.text)",
                ratio: times(ours.median.median, dispatch.median.median)),
            ResultRow(
                "\(name), p99", ours: ours.worst.text, peer: "libdispatch: \(dispatch.worst.text)",
                ratio: times(ours.worst.median, dispatch.worst.median), bar: "< 2 ms", isMet: ours.worst.median < 0.002),
            ResultRow(
                "\(name), p99, against apscheduler", ours: ours.worst.text,
                peer: python.map { Unit.seconds.text($0.dropFirst().first ?? 0) } ?? missing,
                ratio: times(ours.worst.median, python?.dropFirst().first ?? 0)),
        ]
    }

    /// Median and 99th percentile of several rounds.
    private struct Lateness {
        var median = Samples(.seconds)
        var worst = Samples(.seconds)

        mutating func add(_ nanoseconds: [Int64]) {
            let sorted = nanoseconds.sorted()
            guard !sorted.isEmpty else { return }
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

        func wait() -> [Int64] {
            late.wait(timeout: .seconds(120)) { $0.count == $0.values.count ? $0.values : nil } ?? []
        }
    }

    private static func onTimers(_ rate: Int, _ length: Int) throws -> [Int64] {
        let workers = Workers(limit: 2)
        let timers = try Timers(workers: workers) { _ in }
        let notes = Notes(rate * length)
        let clock = BootClock.system
        let begin = clock.now() + 1_000_000_000
        for number in 0..<rate * length {
            let due = begin + Int64(number) * 1_000_000_000 / Int64(rate)
            let delay = try Span(.nanoseconds(due - clock.now()))
            timers.after(delay) { _ in notes.add(clock.now() - due) }
        }
        let late = notes.wait()
        timers.stop()
        workers.stop()
        return late
    }

    private static func onDispatch(_ rate: Int, _ length: Int) -> [Int64] {
        let queue = DispatchQueue(label: "bench", attributes: .concurrent)
        let notes = Notes(rate * length)
        let begin = DispatchTime.now().uptimeNanoseconds + 1_000_000_000
        for number in 0..<rate * length {
            let due = begin + UInt64(number) * 1_000_000_000 / UInt64(rate)
            queue.asyncAfter(deadline: DispatchTime(uptimeNanoseconds: due)) {
                notes.add(Int64(DispatchTime.now().uptimeNanoseconds) - Int64(due))
            }
        }
        return notes.wait()
    }

    // MARK: Persisted jobs

    private static func persistedRows(_ bench: Bench, _ peer: SchedulerPeer?) throws -> [ResultRow] {
        let count = bench.isQuick ? 2000 : 10_000
        var added = Samples(.rate)
        var ran = Samples(.rate)
        for round in 0..<bench.rounds {
            try bench.settle()
            let folder = try bench.makeFolder("jobs-\(round)")
            let figures = try persist(count, folder)
            added.add(Double(count) / figures.add)
            ran.add(Double(count) / figures.run)
        }
        let few = bench.isQuick ? 200 : 1000
        let path = "\(try bench.makeFolder("peer-jobs"))/jobs.db"
        let python = try peer.map { Double(few) / (try $0.run("persist", "\(few)", path).first ?? 1) }
        let name = "\(count.formatted(.number.locale(Locale(identifier: "en_US")))) persisted jobs"
        return [
            ResultRow(
                "\(name), added and durable", ours: added.text,
                peer: python.map { "apscheduler, SQLite: \(Unit.rate.text($0))" } ?? missing,
                ratio: times(added.median, python ?? 0), bar: "all of them", isMet: true),
            ResultRow("\(name), all due at once, each run recorded", ours: ran.text),
        ]
    }

    private static func persist(_ count: Int, _ folder: String) throws -> (add: Double, run: Double) {
        let database = try Database(path: "\(folder)/device.db", migrations: JobStore.migrations)
        defer { database.close() }
        let workers = Workers(limit: 4)
        let done = Monitor(0)
        let scheduler = try Scheduler(
            database: database, options: SchedulerOptions(device: "bench"), handlers: ["work": { _ in }],
            workers: workers,
            report: { event in if case .ended = event { done.change { $0 += 1 } } })
        let soon = try Span(.seconds(3))
        let jobs = try (0..<count).map { number in
            guard let id = JobID("job-\(number)") else { throw BenchError("a bad id") }
            return Job(id, kind: "work", trigger: .after(soon))
        }
        let add = try seconds { try scheduler.add(jobs) }
        let due = ContinuousClock.now + .seconds(3) - .seconds(add)
        if ContinuousClock.now < due { Thread.sleep(until: Date(timeIntervalSinceNow: (due - .now) / .seconds(1))) }
        let run = seconds { _ = done.wait(timeout: .seconds(120)) { $0 >= count ? true : nil } }
        scheduler.stop()
        workers.stop()
        return (add, run)
    }

    private static let missing = "apscheduler is not installed"
}
