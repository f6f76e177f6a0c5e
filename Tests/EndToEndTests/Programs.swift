import AuroraSystem
import Foundation

/// The built programs, as a user would run them.
enum Programs {
    /// The folder this test program lies in: the programs are built beside it.
    static let folder: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return String(own[..<(own.lastIndex(of: "/") ?? own.startIndex)])
    }()

    static let aurora = folder + "/aurora"
}

/// How a program ended and what it said.
struct Ran: CustomStringConvertible {
    let code: Int32
    let output: String
    let error: String

    var description: String { "exit \(code)\n\(output)\n\(error)" }

    init(_ result: ProcessResult) {
        if case .exited(let status) = result.outcome { code = status } else { code = -1 }
        output = String(decoding: result.output, as: UTF8.self)
        error = String(decoding: result.errorOutput, as: UTF8.self)
    }
}

/// Runs any program of the system to its end.
func run(
    _ program: String, _ arguments: [String], environment: [String: String] = ["PATH": "/usr/bin:/bin"],
    input: ProcessSpec.Input = .null
) throws -> Ran {
    Ran(
        try Processes.run(
            ProcessSpec(
                executable: program, arguments: arguments, environment: environment, stdin: input,
                outputLimit: 4 << 20, timeout: .seconds(120))))
}
