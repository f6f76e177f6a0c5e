import AuroraApprovals
import AuroraAudit
package import AuroraModel
import AuroraSystem
import Dispatch
import Synchronization

extension Trials {
    /// Begins a trial in the background, so that a slow health command blocks no request; the change ends with its
    /// result.
    ///
    /// - Parameter onEnd: told of the end on the trial's thread, after the change has ended.
    /// - Throws: `Refusal`: `too_many_changes`, `server_stopping`.
    package func runInBackground(
        _ artifact: Digest, on target: TargetName, by actor: Actor,
        onEnd: @escaping @Sendable (Result<PlanTrial?, any Error>) -> Void = { _ in }
    ) throws -> Change {
        let change = changes.new(.trial, subject: artifact.hex, actor: actor.name, reason: "", tasks: ["trial"])
        try background.begin(change, on: queue(of: target)) { [self] in
            onEnd(run(change, artifact, target, actor, $0))
        }
        return change
    }

    /// The trials of one target run one after another.
    private func queue(of target: TargetName) -> DispatchQueue {
        queues.withLock { queues in
            if let queue = queues[target] { return queue }
            let queue = DispatchQueue(label: "aurora.trials." + target.text)
            queues[target] = queue
            return queue
        }
    }

    private func run(
        _ change: Change, _ artifact: Digest, _ target: TargetName, _ actor: Actor, _ signal: StopSignal
    ) -> Result<PlanTrial?, any Error> {
        let id = change.id
        do {
            try latches.check(id)
            try changes.update(id, event: "state") { change in
                change.state = .running
                change.tasks[0].state = .running
            }
            let result = try run(artifact, on: target, by: actor, stop: signal) { try latches.close(id) }
            try latches.close(id)
            try finish(id, result)
            return .success(result)
        } catch {
            if let stop = latches.stopped(id) {
                let end = StoppedChange(database: database, audit: audit, changes: changes, clock: clock)
                if (try? end.record(change, stop)) != nil {
                    return .failure(stop.refusal(of: change))
                }
            }
            fail(change, error, on: target, by: actor)
            return .failure(error)
        }
    }

    private func finish(_ id: ChangeID, _ result: PlanTrial?) throws {
        try changes.update(id, event: "task") { change in
            change.tasks[0].state = result.map { $0.state == .passed ? .done : .failed } ?? .skipped
            change.tasks[0].detail = result.map { String($0.output.prefix(2000)) } ?? "the target has no health command"
        }
        try changes.finish(id, .done, result: result?.json ?? .null)
    }

    private func fail(_ change: Change, _ error: any Error, on target: TargetName, by actor: Actor) {
        report("the trial \(change.id) could not be run: \(error)")
        let refusal =
            error as? Refusal
            ?? Refusal(
                .unavailable, code: "trial_failed", "The trial could not be run because of a fault of the hub.",
                subject: change.subject, remedy: "look for \(change.id) in the hub's log, then try again")
        do {
            _ = try audit.record(
                .refused(
                    .releaseTry, by: actor, subject: change.subject, at: clock.now(), code: refusal.code,
                    details: [("target", target.text), ("change", change.id.text)]))
            try changes.finish(change.id, .failed, error: refusal)
        } catch {
            report("the end of the trial \(change.id) could not be written: \(error)")
        }
    }
}
