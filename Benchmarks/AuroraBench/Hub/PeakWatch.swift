import AuroraSystem

/// Looks at the children of a server while it works, and keeps the most memory that one of them took.
///
/// Samples every 5 ms what the kernel keeps itself (`VmHWM`), so only what a child takes in its last moments is missed.
final class PeakWatch: Sendable {
    private struct State {
        var most = 0.0
        var isOver = false
    }

    private let state = Monitor(State())

    /// Runs `body` and returns the most resident bytes of one child during it; 0 when there was none.
    static func children(of server: ServerProcess, during body: () throws -> Void) throws -> Double {
        let watch = PeakWatch()
        let pid = server.pid
        guard let thread = ServiceThread(name: "peak-watch", run: { watch.run(pid) }) else {
            throw BenchError("the system gives no more threads")
        }
        defer {
            watch.state.change { $0.isOver = true }
            thread.join()
        }
        try body()
        return watch.state.withLock { $0.most }
    }

    private func run(_ pid: Int32) {
        while state.wait(timeout: .milliseconds(5), { $0.isOver ? true : nil }) == nil {
            let now = Self.descendants(of: pid).map { MachineFacts.bytes("VmHWM", of: $0) }.max() ?? 0
            state.withLock { $0.most = max($0.most, now) }
        }
    }

    /// Children are listed by the thread that made them.
    private static func descendants(of pid: Int32) -> [Int32] {
        let threads = ((try? DirectoryNames.read(in: "/proc/\(pid)/task")) ?? []).compactMap(\.text)
        return threads.flatMap { thread -> [Int32] in
            let children = (try? DurableFile.read("/proc/\(pid)/task/\(thread)/children")) ?? []
            let numbers = String(decoding: children, as: UTF8.self).split(separator: " ").compactMap { Int32($0) }
            return numbers + numbers.flatMap(descendants)
        }
    }
}
