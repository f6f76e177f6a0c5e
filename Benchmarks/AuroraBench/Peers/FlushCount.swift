import AuroraSystem
import Foundation

/// Counts the system calls that wait for the disk, with strace attached to this process.
enum FlushCount {
    /// How many `body` makes; nil where there is no strace, or it may not attach.
    static func during(_ bench: Bench, _ body: () throws -> Void) throws -> Int? {
        guard let strace = Tool.find("strace") else { return nil }
        let log = "\(bench.folder)/flushes"
        let spec = ProcessSpec(
            executable: strace,
            arguments: [
                "-f", "-qq", "-e", "trace=fsync,fdatasync,syncfs,sync,msync", "-e", "signal=none", "-o", log, "-p",
                "\(getpid())",
            ])
        let watcher = try ChildProcess.start(spec, errorOutput: .null)
        defer {
            // SIGINT lets go of what is watched.
            watcher.send(SIGINT)
            _ = try? watcher.wait(timeout: .seconds(10))
        }
        let deadline = ContinuousClock.now + .seconds(5)
        while try !isWatched() {
            let hasEnded = try watcher.wait(timeout: .zero) != nil
            if hasEnded || ContinuousClock.now >= deadline { return nil }
            usleep(1000)
        }
        try body()
        watcher.send(SIGINT)
        _ = try watcher.wait(timeout: .seconds(10))
        let lines = try String(contentsOf: URL(filePath: log), encoding: .utf8).split(separator: "\n")
        return lines.count { $0.contains("sync(") && !$0.contains("<unfinished") || $0.contains("resumed>") }
    }

    private static func isWatched() throws -> Bool {
        let status = try String(contentsOf: URL(filePath: "/proc/self/status"), encoding: .utf8)
        return !status.contains("TracerPid:\t0\n")
    }
}
