import AuroraSystem
import AuroraTestSupport
import Foundation
import Glibc
import Synchronization

/// Runs the driver, alone or under the preload library.
enum Harness {
    /// Whether every fault is taken or samples; `make sweep` sets it.
    static let isComplete = environment["AURORA_SWEEP"] == "all"
    /// What every sample depends on; AURORA_SEED takes another one.
    static let seed = environment["AURORA_SEED"].flatMap { UInt64($0) } ?? 20_261_121

    private static let environment = ProcessInfo.processInfo.environment

    static func driver() throws -> String { try BuiltPrograms.path("aurora-crash-driver") }
    static func preload() throws -> String { try BuiltPrograms.path("libCrashPreload.so") }

    /// A file system in memory where there is one that can run programs.
    ///
    /// A kill leaves what the page cache holds, whatever is below it, and this one does not wait for a disk. What a disk
    /// makes of a power cut is the replay's business.
    static let base: String? = {
        // ST_NOEXEC of statvfs(3), which glibc shows to GNU sources only.
        let noExecution: UInt = 8
        var status = statvfs()
        let path = "/dev/shm"
        let isFit = statvfs(path, &status) == 0 && status.f_flag & noExecution == 0
        let hasRoom = UInt64(status.f_bavail) * UInt64(status.f_frsize) > 256 << 20
        return isFit && hasRoom && access(path, W_OK) == 0 ? path : nil
    }()

    static func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
        try withTemporaryDirectory(in: base, body)
    }

    static func drive(
        _ arguments: [String], in folder: String, environment: [String: String] = [:]
    ) throws -> ProcessResult {
        var verb = arguments.map { Fixture.resolve($0, folder) }
        verb.insert(folder, at: 1)
        var variables = environment
        if !environment.isEmpty { variables["LD_PRELOAD"] = try preload() }
        return try Processes.run(
            ProcessSpec(
                executable: try driver(), arguments: verb, environment: variables, timeout: .seconds(60)))
    }

    /// Runs the driver under a fault, in whichever process that strikes.
    static func drive(_ arguments: [String], in folder: String, under fault: Fault) throws -> ProcessResult {
        guard fault.place == .unpackChild else {
            return try drive(arguments, in: folder, environment: fault.environment)
        }
        try tellChild(fault.environment, in: folder)
        defer { unlink("\(folder)/child-faults") }
        // Preloaded as well, though nothing strikes it: the child may read the libraries that its parent has mapped.
        return try drive(arguments, in: folder, environment: ["FAIL_AT": "0"])
    }

    /// Gives the unpacking child's preload library its orders.
    static func tellChild(_ environment: [String: String], in folder: String) throws {
        let lines = environment.merging(["LD_PRELOAD": try preload()]) { $1 }.map { "\($0.key)=\($0.value)" }
        try write(lines.sorted().joined(separator: "\n"), to: "\(folder)/child-faults")
    }

    /// Runs the driver and wants success.
    static func prepare(_ arguments: [String], in folder: String) throws {
        let result = try drive(arguments, in: folder)
        guard result.isSuccess else {
            throw HarnessError(text: "\(arguments) failed: \(String(decoding: result.errorOutput, as: UTF8.self))")
        }
    }

    /// Brings an empty folder to where the scenario's act begins.
    ///
    /// - Returns: what an act that was interrupted on purpose had acknowledged.
    @discardableResult
    static func prepare(_ scenario: Scenario, in folder: String) throws -> Int? {
        try scenario.fixture?.make(in: folder)
        try prepare(scenario.setup, in: folder)
        guard let (act, point) = scenario.interrupted else { return nil }
        return acknowledged(
            try drive(act, in: folder, under: Fault(interruption: .killBefore(point))))
    }

    /// The counted calls of an act: one "call thing" per point, point 1 first.
    static func points(of scenario: Scenario, in place: Fault.Place = .driver) throws -> [String] {
        try Beginning.with(scenario) { try points(of: scenario, in: place, from: $0) }
    }

    /// The same, from a beginning that is there already.
    static func points(
        of scenario: Scenario, in place: Fault.Place = .driver, from beginning: Beginning
    ) throws -> [String] {
        try beginning.withCopy { folder in
            try withFolder { lists in
                let list = "\(lists)/calls"
                if place == .unpackChild { try tellChild(["COUNT_TO": list], in: folder) }
                let result = try drive(
                    scenario.act, in: folder, environment: place == .driver ? ["COUNT_TO": list] : ["FAIL_AT": "0"])
                guard result.isSuccess else {
                    throw HarnessError(text: "\(scenario.act): \(String(decoding: result.errorOutput, as: UTF8.self))")
                }
                return try readText(list).split(separator: "\n").map { line in
                    line.split(separator: " ", maxSplits: 1).last.map(String.init) ?? ""
                }
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
