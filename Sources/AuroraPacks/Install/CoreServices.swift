import AuroraActivation
package import AuroraModel
import AuroraRuntime
import AuroraSystem
import Synchronization

/// Stops, starts and judges packs through the core that keeps them running, from inside it or over its socket.
package struct CoreServices: PackServices {
    private let control: any PackControl
    /// Which start of a pack is judged.
    private let attempts = Attempts()

    /// What the core takes beyond the limits of the manifest: a start that is late and ignores SIGTERM is killed later.
    private static let slack = Duration.seconds(15)

    package init(_ control: any PackControl) { self.control = control }

    package func stop(_ packs: [PackID]) throws {
        guard !packs.isEmpty else { return }
        // The core ends by itself what does not stop in the time of its manifest, which may be long.
        let grace = LocalCore.longestEnd
        let left = try asked { try control.stop(packs, withDependants: false, wait: grace) }.filter { row in
            packs.contains { $0.text == row.id } && row.state != .stopped && row.state != .staged
        }
        guard left.isEmpty else {
            throw Self.survives(
                left.first?.id ?? "",
                "These packs were not stopped within \(grace.components.seconds) seconds: "
                    + left.map { "\($0.id) is \($0.state.rawValue)" }.joined(separator: ", "),
                remedy: "see why: aurora pack status, aurora pack logs")
        }
    }

    package func start(_ pack: RunnablePack) throws {
        let service = pack.pack.manifest.service
        let limits = service.startTimeoutSeconds + pack.pack.manifest.safety.healthCheckTimeoutSeconds
        let wait = Duration.seconds(limits) + Self.slack
        let row = try asked { try control.start([pack.id], wait: wait) }.first { $0.id == pack.id.text }
        guard let row, row.isWell else {
            try Self.requireRunning(row)
            throw Refusal(
                .unprocessable, code: "pack_not_ready",
                "\(pack.id) \(row.map { "is \($0.state.rawValue): \($0.detail)" } ?? "is not known to the core").",
                subject: pack.id.text, rule: "a pack is ready before its start timeout is over",
                remedy: "see what it wrote: aurora pack logs --pack \(pack.id)")
        }
        attempts.begin(row)
    }

    package func check(_ pack: RunnablePack, within timeout: Duration) throws -> String? {
        try HealthGate.judge(within: timeout) { _ in
            let health = try asked { try control.health(pack.id) }
            let row = try asked { try control.status() }.first { $0.id == pack.id.text }
            try Self.requireRunning(row)
            if let row, [.backoff, .quarantined].contains(row.state) { return .over("it ended: \(row.detail)") }
            // Started anew between two looks: it ended, whatever it says now.
            if let row, !attempts.isSame(row) { return .over("it ended and was started again") }
            guard health.passed else { return .bad(health.detail) }
            return row?.isWell == true ? .good : .bad("it is not ready")
        }
    }

    package func finish() {}

    /// The starts that are judged, by pack.
    private final class Attempts: Sendable {
        private let known = Mutex<[String: Int64]>([:])

        func begin(_ row: PackStatus) { known.withLock { $0[row.id] = row.attempt } }

        /// Whether it is still the same start; of a pack nobody started here, the one that is seen first.
        func isSame(_ row: PackStatus) -> Bool {
            known.withLock { known in
                let first = known[row.id] ?? row.attempt
                known[row.id] = first
                return row.attempt == first
            }
        }
    }

    /// Asks the core; one that has no time or is not there any more says nothing about a pack.
    private func asked<Answer>(_ question: () throws -> Answer) throws -> Answer {
        do {
            return try question()
        } catch let problem as CoreProblem where ["busy", "ending", "gone", "too_many"].contains(problem.code) {
            throw NoVerdict("\(problem)")
        } catch let error as SystemError {
            throw NoVerdict("the core does not answer: \(error)")
        }
    }

    /// A pack that is stopped although nothing was wrong with it was stopped by the core, with itself.
    private static func requireRunning(_ row: PackStatus?) throws {
        guard let row, [.stopping, .stopped].contains(row.state), !row.isDone else { return }
        throw NoVerdict("the core stopped \(row.id): \(row.detail)")
    }
}
