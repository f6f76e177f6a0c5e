import AuroraSystem
import AuroraTestSupport

/// Where a scenario's act begins: made once, and copied for every fault, where that can be.
struct Beginning: Sendable {
    private let scenario: Scenario
    /// What is copied; nil for a scenario that is not movable, which is made anew each time.
    private let folder: String?

    static func with<Result>(_ scenario: Scenario, _ body: (Beginning) throws -> Result) throws -> Result {
        guard scenario.isMovable else { return try body(Beginning(scenario: scenario, folder: nil)) }
        return try Harness.withFolder { folder in
            try Harness.prepare(scenario, in: folder)
            try requireMovable(folder)
            return try body(Beginning(scenario: scenario, folder: folder))
        }
    }

    /// Gives `body` a folder of its own in which the act begins.
    func withCopy<Result>(_ body: (String) throws -> Result) throws -> Result {
        try Harness.withFolder { copy in
            if let folder {
                try Self.run("/usr/bin/cp", ["--archive", "\(folder)/.", copy])
            } else {
                try Harness.prepare(scenario, in: copy)
            }
            return try body(copy)
        }
    }

    /// Gives `body` what a kill before call `point` of the act leaves to be recovered, and where that begins.
    func interrupted<Result>(at point: Int, _ body: (Scenario, Beginning) throws -> Result) throws -> Result {
        try withCopy { folder in
            let act = try Harness.drive(scenario.act, in: folder, under: Fault(interruption: .killBefore(point)))
            let recovery = scenario.recovery(from: point, acknowledged: Harness.acknowledged(act) != nil)
            return try body(recovery, Beginning(scenario: recovery, folder: scenario.isMovable ? folder : nil))
        }
    }

    /// A file or link that names the folder would lead every copy to the one they were made from.
    private static func requireMovable(_ folder: String) throws {
        let files = try run("/usr/bin/grep", ["-rlaF", folder, folder], orExit: 1)
        let links = try run("/usr/bin/find", [folder, "-lname", "*\(folder)*"])
        guard files.isEmpty, links.isEmpty else {
            throw HarnessError(text: "what names its own path cannot be copied: \(files)\(links)")
        }
    }

    @discardableResult
    private static func run(_ program: String, _ arguments: [String], orExit status: Int32 = 0) throws -> String {
        let result = try Processes.run(
            ProcessSpec(executable: program, arguments: arguments, timeout: .seconds(60)))
        guard result.isSuccess || result.outcome == .exited(status) else {
            throw HarnessError(text: "\(program): \(String(decoding: result.errorOutput, as: UTF8.self))")
        }
        return String(decoding: result.output, as: UTF8.self)
    }
}
