import AuroraSystem
import Foundation

/// Other programs, found on the PATH.
enum Tool {
    /// What they are given; HOME is not, so no settings of the user change a measurement.
    static var environment: [String: String] {
        let own = ProcessInfo.processInfo.environment
        return ["PATH": own["PATH"] ?? "/usr/bin:/bin", "LC_ALL": "C", "PYENV_ROOT": own["PYENV_ROOT"] ?? ""]
            .filter { !$0.value.isEmpty }
    }

    /// Absolute path of a program; nil when it is not installed.
    static func find(_ name: String) -> String? {
        let path = (environment["PATH"] ?? "") + ":/usr/sbin:/sbin"
        let candidates = path.split(separator: ":").map { "\($0)/\(name)" }
        return candidates.first { access($0, X_OK) == 0 }
    }

    static func require(_ name: String) throws -> String {
        guard let path = find(name) else {
            throw BenchError("\(name) is not installed (scripts/install-dependencies bench)")
        }
        return path
    }

    /// Runs a program to its end and returns what it printed.
    ///
    /// - Parameter core: the processor to run on.
    @discardableResult
    static func run(
        _ name: String, _ arguments: [String], core: Int? = nil, environment extra: [String: String] = [:],
        timeout: Duration = .seconds(300)
    ) throws -> String {
        let command = try pinned(try require(name), arguments, core)
        let result = try Processes.run(
            ProcessSpec(
                executable: command.executable, arguments: command.arguments,
                environment: environment.merging(extra) { $1 }, timeout: timeout))
        guard result.isSuccess else {
            let said = String(decoding: result.errorOutput.suffix(300), as: UTF8.self)
            throw BenchError("\(name) \(arguments.first ?? "") failed (\(result.outcome)): \(said.trimmed)")
        }
        return String(decoding: result.output, as: UTF8.self)
    }

    /// Runs a line of shell; `$1`, `$2` … are the arguments.
    static func shell(_ script: String, _ arguments: [String], timeout: Duration = .seconds(300)) throws {
        try run("sh", ["-ec", script, "sh"] + arguments, timeout: timeout)
    }

    /// The command that runs a program on one processor.
    static func pinned(
        _ executable: String, _ arguments: [String], _ core: Int?
    ) throws -> (executable: String, arguments: [String]) {
        guard let core else { return (executable, arguments) }
        return (try require("taskset"), ["-c", String(core), executable] + arguments)
    }
}
