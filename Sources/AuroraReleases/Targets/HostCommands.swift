import AuroraActivation
import AuroraModel
import AuroraSandbox
import AuroraSystem
import Glibc

/// Runs a target's own commands: apply after a switch, health as the gate.
///
/// Argument lists from the hub's configuration with a uid of their own, a cleared environment, a time limit, and the
/// whole process group killed at its end. Not a sandbox: they are there to restart a service of the machine. A hub that
/// is root never lends them its own user: without `run_as` they run as ``SandboxIdentity/command``.
struct HostCommands: Sendable {
    let sandbox: Sandbox
    let settings: TargetSettings

    /// Tells the target's software that its tree was switched; no command means nothing to tell.
    ///
    /// - Throws: `CommandFailure` when it did not end with 0.
    func apply() throws {
        guard !settings.apply.isEmpty else { return }
        if let reason = try failure(of: settings.apply, timeout: settings.applyTimeout) {
            throw CommandFailure(description: "the apply command \(reason)")
        }
    }

    /// Asks whether the target is healthy; no command means yes.
    func health() throws -> HealthVerdict {
        guard !settings.health.isEmpty else { return .healthy }
        guard let reason = try failure(of: settings.health, timeout: settings.healthTimeout) else { return .healthy }
        return .unhealthy("the health command \(reason)")
    }

    /// Nil when the command ended with 0, else how it ended and its last line.
    private func failure(of command: [String], timeout: Duration) throws -> String? {
        let identity = settings.runAs.map { SandboxIdentity(uid: $0.uid, gid: $0.gid) }
        let user = identity ?? SandboxIdentity.command.whenRoot
        let profile = SandboxProfile.hostCommand(
            uid: user.uid, gid: user.gid,
            environment: ["AURORA_TARGET": settings.description.name.text, "AURORA_PATH": settings.description.path],
            timeout: timeout)
        let result = try sandbox.run(profile, program: .path(command[0]), arguments: Array(command.dropFirst()))
        guard !result.isSuccess else { return nil }
        let words = CommandOutput.lastLine(result)
        return "\(result.outcome)" + (words.isEmpty ? "" : ": \(words)")
    }
}

/// A command of the target that did not do its work.
struct CommandFailure: Error, Hashable, CustomStringConvertible {
    let description: String
}

/// What commands print, made fit to be read and stored.
enum CommandOutput {
    /// The last line that says something, of standard error if it has one.
    static func lastLine(_ result: ProcessResult) -> String {
        for stream in [result.errorOutput, result.output] {
            let lines = String(decoding: stream, as: UTF8.self).split(whereSeparator: \.isNewline)
            if let line = lines.last(where: { $0.contains { !$0.isWhitespace } }) {
                return String(line).printable(limit: 200)
            }
        }
        return ""
    }

    /// Both streams as text of at most `limit` characters; control characters but line feeds are written as numbers.
    static func text(_ result: ProcessResult, limit: Int = 4000) -> String {
        let both = String(decoding: result.output, as: UTF8.self) + String(decoding: result.errorOutput, as: UTF8.self)
        let lines = both.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        let text = lines.map { String($0).printable() }.joined(separator: "\n")
        return text.count > limit ? String(text.prefix(limit)) + "…" : text
    }
}
