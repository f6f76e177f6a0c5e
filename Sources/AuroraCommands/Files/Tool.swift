import AuroraSystem

/// Runs programs of the system that a command needs, such as gpg and tar.
struct Tool {
    let surroundings: Surroundings

    /// The absolute path of a program of the search path.
    func path(_ name: String, package: String) throws(CommandError) -> String {
        let search = surroundings.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        for folder in search.split(separator: ":") where LocalFile.exists("\(folder)/\(name)") {
            return "\(folder)/\(name)"
        }
        throw CommandError(
            "the program \(name) is missing", remedy: "apt-get install \(package)", code: "tool_missing")
    }

    /// Runs a program to its end with this user's environment; a failure tells what the program said.
    @discardableResult
    func run(
        _ name: String, _ arguments: [String], package: String, folder: String? = nil, timeout: Duration = .seconds(600)
    ) throws -> [UInt8] {
        let spec = ProcessSpec(
            executable: try path(name, package: package), arguments: arguments, environment: surroundings.environment,
            workingDirectory: folder, outputLimit: 1 << 20, timeout: timeout)
        let result: ProcessResult
        do {
            result = try Processes.run(spec)
        } catch {
            throw CommandError("cannot run \(name)", cause: "\(error)", code: "tool_failed")
        }
        guard result.isSuccess else {
            let said = String(decoding: result.errorOutput, as: UTF8.self).trimmed
            throw CommandError(
                "\(name) failed: \(result.outcome)", cause: said.isEmpty ? "it said nothing" : said,
                code: "tool_failed")
        }
        return result.output
    }
}
