import AuroraSystem
import Foundation

/// apscheduler, in a Python environment of its own below `.build`.
struct SchedulerPeer {
    private let python: String
    private let script: String

    /// Nil when it is not installed (`scripts/install-dependencies bench`), or the bench runs elsewhere than in the repository.
    init?() {
        let folder = FileManager.default.currentDirectoryPath
        python = "\(folder)/.build/scheduler-peer/bin/python3"
        script = "\(folder)/Benchmarks/SchedulerPeer/peer.py"
        guard access(python, X_OK) == 0, access(script, R_OK) == 0 else { return nil }
    }

    /// Runs one of its verbs and returns the numbers it prints.
    func run(_ arguments: String...) throws -> [Double] {
        let result = try Processes.run(
            ProcessSpec(
                executable: python, arguments: [script] + arguments, environment: Tool.environment,
                timeout: .seconds(600)))
        guard result.isSuccess else {
            throw BenchError("apscheduler: \(String(decoding: result.errorOutput.suffix(300), as: UTF8.self))")
        }
        return String(decoding: result.output, as: UTF8.self).split(whereSeparator: \.isWhitespace).compactMap {
            Double($0)
        }
    }
}
