import AuroraFetch
import AuroraSystem
import AuroraTestSupport
import Foundation
import Synchronization

/// A real hub in a process of its own, on ports nobody else has.
final class HubProcess: Sendable {
    let state: String
    private let folder: String
    private let arguments: [String]
    private let child = Mutex<ChildProcess?>(nil)
    private let ports = Mutex<(updater: String, dashboard: String)>(("off", "off"))

    /// The operators' address.
    var dashboard: String { "http://localhost:\(ports.withLock { $0.dashboard })" }
    /// The updaters' address.
    var updater: String { "http://localhost:\(ports.withLock { $0.updater })" }

    init(folder: String, arguments: [String] = []) {
        self.folder = folder
        state = folder + "/state"
        self.arguments = arguments
    }

    /// The process id; nil when it does not run.
    var pid: Int32? { child.withLock { $0?.pid } }
    var log: String { (try? readText(folder + "/hub.log")) ?? "" }
    var output: String { (try? readText(folder + "/hub.out")) ?? "" }

    /// Starts the hub and waits until it says where it listens.
    ///
    /// - Parameters:
    ///   - options: more options than the world's own.
    ///   - program: what is executed in place of the hub's program: another path, or a command that ends in it.
    func start(
        environment: [String: String] = [:], with options: [String] = [], through program: [String] = [Programs.aurora]
    ) throws {
        try? FileManager.default.removeItem(atPath: folder + "/hub.log")
        let log = try Descriptor.open(folder + "/hub.log", [.writeOnly, .create, .append])
        let output = try Descriptor.open(folder + "/hub.out", [.writeOnly, .create, .append])
        let started = try ChildProcess.start(
            ProcessSpec(
                executable: program[0],
                arguments: program.dropFirst() + [
                    "hub", "start", "--state", state, "--config", folder + "/aurora.yaml", "--updater-port", "0",
                    "--dashboard-port", "0", "--log-format", "json",
                ] + arguments + options,
                environment: ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }),
            output: .descriptor(output.rawValue), errorOutput: .descriptor(log.rawValue))
        child.withLock { $0 = started }
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            if let found = listening() {
                ports.withLock { $0 = found }
                return
            }
            if let outcome = try started.wait(timeout: .milliseconds(20)) {
                throw HubFailure(description: "the hub ended with \(outcome): \(self.log)")
            }
            guard ContinuousClock.now < deadline else { throw HubFailure(description: "not ready: \(self.log)") }
        }
    }

    /// The ports of the log's own line about them.
    private func listening() -> (updater: String, dashboard: String)? {
        for line in log.split(separator: "\n") where line.contains("\"event\":\"listening\"") {
            let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            if let updater = object?["updater"] as? String, let dashboard = object?["dashboard"] as? String {
                return (updater, dashboard)
            }
        }
        return nil
    }

    /// Asks the hub to stop, and waits for its end.
    func stop() throws -> ProcessOutcome? {
        let running = child.withLock { $0 }
        running?.send(SIGTERM)
        let outcome = try running?.wait(timeout: .seconds(30))
        if outcome == nil { running?.kill() }
        child.withLock { $0 = nil }
        return outcome
    }

    /// Sends the hub a signal.
    func signal(_ number: Int32) {
        child.withLock { $0 }?.send(number)
    }

    /// Kills the hub as a crash would.
    func kill() throws {
        let running = child.withLock { $0 }
        running?.kill()
        _ = try running?.wait(timeout: .seconds(10))
        child.withLock { $0 = nil }
    }
}

/// The hub did not do what the test needs before it can begin.
struct HubFailure: Error, CustomStringConvertible {
    let description: String
}
