import AuroraSystem
import Foundation
import Glibc

/// A server that is measured: a child process of our own, on loopback.
final class ServerProcess {
    let port: UInt16
    /// Seconds from its start until the port answered.
    let startTime: Double
    private let child: ChildProcess
    /// Its process id.
    var pid: Int32 { child.pid }

    /// Starts a program and waits until its port answers.
    init(
        _ executable: String, _ arguments: [String], port: UInt16, core: Int?, environment: [String: String] = [:],
        log: String
    ) throws {
        self.port = port
        let command = try Tool.pinned(executable, arguments, core)
        let output = try Descriptor.open(log, [.writeOnly, .create, .append])
        let start = ContinuousClock.now
        child = try ChildProcess.start(
            ProcessSpec(
                executable: command.executable, arguments: command.arguments,
                environment: Tool.environment.merging(environment) { $1 }),
            output: .descriptor(output.rawValue), errorOutput: .descriptor(output.rawValue))
        Interruption.remember(child)
        for _ in 0..<15_000 {
            if let socket = Loopback.connect(to: port) {
                close(socket)
                startTime = start.duration(to: .now) / .seconds(1)
                return
            }
            if try child.wait(timeout: .milliseconds(2)) != nil { break }
        }
        child.kill()
        Interruption.forget(child)
        let said = (try? DurableFile.read(log)).map { String(decoding: $0.suffix(300), as: UTF8.self) } ?? ""
        throw BenchError("\((executable as NSString).lastPathComponent) did not start: \(said.trimmed)")
    }

    /// SIGTERM, then SIGKILL after 15 s, to this server only.
    func stop() {
        child.send(SIGTERM)
        if ((try? child.wait(timeout: .seconds(15))) ?? nil) == nil {
            child.kill()
            _ = try? child.wait(timeout: .seconds(5))
        }
        Interruption.forget(child)
    }

    /// A field of `/proc/<pid>/status` such as `VmRSS`, in bytes, summed over the server and its children.
    func memory(_ field: String) -> Double {
        let children = (try? DurableFile.read("/proc/\(child.pid)/task/\(child.pid)/children")) ?? []
        let others = String(decoding: children, as: UTF8.self).split(separator: " ").compactMap { Int32($0) }
        return ([child.pid] + others).map { MachineFacts.bytes(field, of: $0) }.reduce(0, +)
    }
}
