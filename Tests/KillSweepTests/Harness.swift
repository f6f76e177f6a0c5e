import AuroraSystem
import AuroraTestSupport
import Foundation
import Synchronization

/// How a run is interrupted.
enum Interruption: Hashable, Sendable, CustomStringConvertible {
    case killBefore(Int)
    case killAfter(Int)
    case tear(Int)
    case fail(Int, errno: Int32, isSticky: Bool)

    var environment: [String: String] {
        switch self {
        case .killBefore(let n): ["CRASH_AT": "\(n)"]
        case .killAfter(let n): ["CRASH_AFTER": "\(n)"]
        case .tear(let n): ["TEAR_AT": "\(n)"]
        case .fail(let n, let errno, let isSticky):
            ["FAIL_AT": "\(n)", "FAIL_ERRNO": "\(errno)", "FAIL_STICKY": isSticky ? "1" : "0"]
        }
    }

    var isKill: Bool {
        if case .fail = self { return false }
        return true
    }

    var description: String {
        environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }
}

/// Runs the driver, alone or under the preload library.
enum Harness {
    /// Whether every point is taken or a sample; `make sweep` sets it.
    static let isComplete = ProcessInfo.processInfo.environment["AURORA_SWEEP"] == "all"

    static func driver() throws -> String { try BuiltPrograms.path("aurora-crash-driver") }
    static func preload() throws -> String { try BuiltPrograms.path("libCrashPreload.so") }

    static func drive(
        _ arguments: [String], in folder: String, environment: [String: String] = [:]
    ) throws -> ProcessResult {
        var verb = arguments
        verb.insert(folder, at: 1)
        var variables = environment
        if !environment.isEmpty { variables["LD_PRELOAD"] = try preload() }
        return try Processes.run(
            ProcessSpec(
                executable: try driver(), arguments: verb, environment: variables, timeout: .seconds(60)))
    }

    /// Runs the driver and wants success.
    static func prepare(_ arguments: [String], in folder: String) throws {
        let result = try drive(arguments, in: folder)
        guard result.isSuccess else {
            throw HarnessError(text: "\(arguments) failed: \(String(decoding: result.errorOutput, as: UTF8.self))")
        }
    }

    /// The counted calls of an act: one "call thing" per point, point 1 first.
    static func points(of scenario: Scenario) throws -> [String] {
        try withTemporaryDirectory { folder in
            try DurableFile.makeDirectory("\(folder)/state")
            try prepare(scenario.setup, in: "\(folder)/state")
            let list = "\(folder)/calls"
            let result = try drive(scenario.act, in: "\(folder)/state", environment: ["COUNT_TO": list])
            guard result.isSuccess else {
                throw HarnessError(text: "\(scenario.act): \(String(decoding: result.errorOutput, as: UTF8.self))")
            }
            return try readText(list).split(separator: "\n").map { line in
                line.split(separator: " ", maxSplits: 1).last.map(String.init) ?? ""
            }
        }
    }

    /// The highest acknowledged number in a driver's output; nil when it acknowledged nothing.
    static func acknowledged(_ result: ProcessResult) -> Int? {
        String(decoding: result.output, as: UTF8.self).split(separator: "\n")
            .compactMap { $0.hasPrefix("ack ") ? Int($0.dropFirst(4)) : nil }.max()
    }

    /// Calls `body` for every item on two threads; answers the texts it returned.
    static func inParallel<Item: Sendable>(
        _ items: [Item], _ body: @escaping @Sendable (Item) throws -> String?
    ) -> [String] {
        let next = Mutex(0)
        let found = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 2) { _ in
            while true {
                let index = next.withLock { value in
                    defer { value += 1 }
                    return value
                }
                guard index < items.count else { return }
                do {
                    if let text = try body(items[index]) { found.withLock { $0.append(text) } }
                } catch {
                    found.withLock { $0.append("\(items[index]): \(error)") }
                }
            }
        }
        return found.withLock { $0 }
    }
}

struct HarnessError: Error, CustomStringConvertible {
    let text: String
    var description: String { text }
}
