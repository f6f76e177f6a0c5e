import AuroraModel
import AuroraRuntime

/// Runs the programs of packs that a change needs: each to its end, in a room of its own.
struct PackScripts: Sendable {
    let runner: any ConfinedRunner
    let rooms: PackRoom

    /// How long one program took and how it ended, for people.
    struct Failure: Error, CustomStringConvertible {
        let pack: PackID
        let script: PackPath
        let reason: String
        /// The end of what it said.
        let said: String

        var description: String {
            "\(pack): \(script) \(reason)" + (said.isEmpty ? "" : "; it said: \(said)")
        }
    }

    /// Runs a program of the pack and wants exit status 0.
    func run(
        _ script: PackPath, _ arguments: [String] = [], of runnable: RunnablePack, in room: Confinement? = nil,
        timeout: Duration
    ) throws {
        var confinement = try room ?? rooms.confinement(of: runnable)
        // What the pack was granted is for its service: a change reaches nothing outside of the device.
        confinement.network = .none
        let result: ConfinedResult
        do {
            result = try runner.run(
                PackRoom.command(script, of: runnable.id, arguments), in: confinement, ConfinedRun(timeout: timeout))
        } catch {
            throw PackRefusals.sandbox(error)
        }
        guard !result.isSuccess else { return }
        throw Failure(
            pack: runnable.id, script: script, reason: Self.words(result.cause, timeout),
            said: Self.tail(result.errorOutput.isEmpty ? result.output : result.errorOutput))
    }

    /// What an end means, by the contract of pack scripts.
    static func words(_ cause: ConfinedResult.Cause, _ timeout: Duration) -> String {
        switch cause {
        case .exited(2): "found its tests failing (exit status 2)"
        case .exited(3): "does not know the mode it was called with (exit status 3)"
        case .exited(let status): "ended with exit status \(status)"
        case .signalled(let signal): "was ended by signal \(signal)"
        case .outOfMemory: "ran out of memory"
        case .timedOut: "was still running after \(timeout.components.seconds) seconds"
        case .stopped: "was stopped"
        }
    }

    /// The last 400 characters on one line, its lines set apart.
    static func tail(_ bytes: [UInt8]) -> String {
        let lines = String(decoding: bytes.suffix(400), as: UTF8.self).split(whereSeparator: \.isNewline)
        return lines.joined(separator: " | ").printable(limit: 500)
    }
}
