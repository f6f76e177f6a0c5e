import AuroraApprovals
import AuroraModel
import AuroraReleases
import AuroraSystem

/// Runs trials in the background as changes, so that a slow health command blocks no request.
struct TrialChanges: Sendable {
    let trials: Trials
    let changes: ChangeStore
    let trail: AuditTrail
    let log: Log

    /// Begins a trial; the change ends with its result.
    func start(_ release: Digest, on target: TargetName, by actor: Actor) throws -> Change {
        let change = changes.new(.trial, subject: release.hex, actor: actor.name, reason: "", tasks: ["trial"])
        try changes.create(change)
        // Without a thread to spare the request itself waits.
        let thread = ServiceThread(name: "trial") { run(change.id, release, target, actor) }
        if let thread { thread.leave() } else { run(change.id, release, target, actor) }
        return change
    }

    private func run(_ id: ChangeID, _ release: Digest, _ target: TargetName, _ actor: Actor) {
        do {
            try changes.update(id, event: "state") { change in
                change.state = .running
                change.tasks[0].state = .running
            }
            let result = try trials.run(release, on: target, by: actor)
            try finish(id, result)
        } catch {
            let problem = Problem(error)
            log.warning("a trial could not be run", ["change": id.text, "error": "\(error)"])
            let refusal =
                error as? Refusal
                ?? Refusal(.unavailable, code: problem.code, problem.detail, remedy: problem.remedy)
            record(refusal, id, release, target, actor)
            _ = try? changes.finish(id, .failed, error: refusal)
        }
    }

    private func record(_ refusal: Refusal, _ id: ChangeID, _ release: Digest, _ target: TargetName, _ actor: Actor) {
        do {
            try trail.refused(
                .releaseTry, release.hex, by: actor, code: refusal.code,
                details: [("target", target.text), ("change", id.text)])
        } catch {
            log.error(
                "a failed trial could not be written into the audit log", ["change": id.text, "error": "\(error)"])
        }
    }

    private func finish(_ id: ChangeID, _ result: PlanTrial?) throws {
        try changes.update(id, event: "task") { change in
            change.tasks[0].state = result.map { $0.state == .passed ? .done : .failed } ?? .skipped
            change.tasks[0].detail = result.map { String($0.output.prefix(2000)) } ?? "the target has no health command"
        }
        try changes.finish(id, .done, result: result?.json ?? .null)
    }
}
