import AuroraModel
import AuroraRuntime

/// Runs the programs of packs that a change needs: each to its end, in a room of its own.
struct PackScripts: Sendable {
    let runner: any ConfinedRunner
    let rooms: PackRoom

    /// A program that did not end well, for people.
    struct Failure: Error, CustomStringConvertible {
        let pack: PackID
        let script: PackPath
        let reason: String
        /// The end of what it said.
        let said: String

        /// A program of `pack` that ended like this within `timeout`.
        ///
        /// - Parameter hasMode: whether it was told what to do, which exit statuses 2 and 3 are about.
        init(
            _ pack: PackID, _ script: PackPath, _ result: ConfinedResult, _ timeout: Duration, hasMode: Bool = false
        ) {
            self.pack = pack
            self.script = script
            reason = PackScripts.words(result.cause, timeout, hasMode: hasMode)
            said = PackScripts.tail(result.errorOutput.isEmpty ? result.output : result.errorOutput)
        }

        /// The same without the pack's name.
        var words: String { "\(script) \(reason)" + (said.isEmpty ? "" : "; it said: \(said)") }

        var description: String { "\(pack): \(words)" }
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
        let hasMode = script == runnable.pack.manifest.entrypoint.install
        throw Failure(runnable.id, script, result, timeout, hasMode: hasMode)
    }

    /// What an end means, by the contract of pack scripts.
    private static func words(_ cause: ConfinedResult.Cause, _ timeout: Duration, hasMode: Bool) -> String {
        switch cause {
        case .exited(2) where hasMode: "found its tests failing (exit status 2)"
        case .exited(3) where hasMode: "does not know the mode it was called with (exit status 3)"
        case .timedOut: "was still running after \(seconds(timeout))"
        default: cause.description
        }
    }

    /// A time limit of a manifest in words.
    static func seconds(_ limit: Duration) -> String {
        limit == .seconds(1) ? "1 second" : "\(limit.components.seconds) seconds"
    }

    /// The last 400 characters on one line, its lines set apart.
    private static func tail(_ bytes: [UInt8]) -> String {
        let lines = String(decoding: bytes.suffix(400), as: UTF8.self).split(whereSeparator: \.isNewline)
        return lines.joined(separator: " | ").printable(limit: 500)
    }
}
