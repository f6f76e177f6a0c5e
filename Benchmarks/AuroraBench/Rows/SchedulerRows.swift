import AuroraRuntime
import AuroraSystem
import Dispatch
import Foundation

/// Timers in memory and persisted jobs, beside libdispatch and apscheduler.
enum SchedulerRows {
    static func run(_ bench: Bench) throws -> [ResultRow] {
        let peer = SchedulerPeer()
        return try queueRows(bench, peer) + LatenessRows.run(bench, peer) + JobRows.run(bench, peer)
    }

    /// Instead of a figure of apscheduler.
    static let missing = "apscheduler is not installed"

    /// As people write it.
    static func text(_ count: Int) -> String {
        count.formatted(.number.locale(Locale(identifier: "en_US")))
    }

    // MARK: A million timers

    private static func queueRows(_ bench: Bench, _ peer: SchedulerPeer?) throws -> [ResultRow] {
        let count = bench.isQuick ? 200_000 : 1_000_000
        var ours = Samples(.rate)
        // Of the first round: later ones find the memory that it gave back.
        var memory: Double?
        var dispatch = Samples(.rate)
        var least = count
        for _ in 0..<bench.rounds {
            let before = residentBytes()
            let timers = try Timers(workers: Workers(limit: 2)) { _ in }
            let delays = try (0..<count).map { try Span(.seconds(3600 + $0 * 7919 % 86400)) }
            ours.add(Double(count) / seconds { for delay in delays { timers.after(delay) { _ in } } })
            memory = memory ?? residentBytes() - before
            least = min(least, timers.count)
            timers.stop()
            dispatch.add(Double(count) / queueOnDispatch(count))
        }
        let python = try peer.map { Double(20_000) / (try $0.run("queue", "20000").first ?? 1) }
        let name = "\(text(count)) timers queued"
        return [
            ResultRow(
                "\(name), in memory", ours: least == count ? ours.text : "only \(text(least)) were kept",
                peer: "libdispatch: \(dispatch.text)", ratio: times(ours.median, dispatch.median), bar: "1,000,000",
                isMet: bench.isQuick ? nil : least == count),
            ResultRow(
                "the same against apscheduler", ours: ours.text, peer: python.map { Unit.rate.text($0) } ?? missing,
                ratio: times(ours.median, python ?? 0)),
            ResultRow("memory of the queue", ours: Unit.bytes.text(memory ?? 0)),
        ]
    }

    /// One timer source for each, as a program does that wants to call them off.
    /// - Returns: Seconds until all were queued; to call them off is not counted, on either side.
    private static func queueOnDispatch(_ count: Int) -> Double {
        let queue = DispatchQueue(label: "bench")
        var sources: [any DispatchSourceTimer] = []
        sources.reserveCapacity(count)
        let taken = seconds {
            for number in 0..<count {
                let source = DispatchSource.makeTimerSource(queue: queue)
                source.schedule(deadline: .now() + .seconds(3600 + number * 7919 % 86400))
                source.setEventHandler {}
                source.activate()
                sources.append(source)
            }
        }
        for source in sources { source.cancel() }
        queue.sync {}
        return taken
    }

    private static func residentBytes() -> Double {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0
        return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }
}
