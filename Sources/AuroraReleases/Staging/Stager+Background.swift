import AuroraApprovals
import AuroraAudit
package import AuroraModel
import AuroraSystem
import Dispatch

extension Stager {
    /// Stages in the background and answers with the change to watch.
    ///
    /// What can be refused at once is refused at once; the rest ends as the change's error.
    ///
    /// - Parameter onEnd: told of the end, on the stager's thread, by whoever waits for it; a refusal is then theirs to log.
    /// - Throws: `Refusal`: `artifact_unknown`, `label_ambiguous`, `target_unknown`, `too_many_changes`,
    ///   `server_stopping`.
    package func stageInBackground(
        _ artifact: ArtifactName, for target: TargetName? = nil, by actor: Actor,
        onEnd: (@Sendable (Result<StagedRelease, any Error>) -> Void)? = nil
    ) throws -> Change {
        let digest = try check(artifact, for: target, by: actor)
        let change = changes.new(
            .stage, subject: digest.hex, actor: actor.name, reason: "", tasks: StageProgress.allCases.map(\.rawValue))
        try background.begin(change, on: queue) { [self] in run(change, artifact, for: target, by: actor, $0, onEnd) }
        return change
    }

    private func run(
        _ change: Change, _ artifact: ArtifactName, for target: TargetName?, by actor: Actor, _ signal: StopSignal,
        _ onEnd: (@Sendable (Result<StagedRelease, any Error>) -> Void)?
    ) {
        let id = change.id
        // Progress is for people; a row that cannot be written must not fail the staging.
        _ = try? changes.update(id) { $0.state = .running }
        do {
            let release = try stage(artifact, for: target, by: actor, stop: signal) { step in
                // What is published cannot be stopped any more.
                if step == .publishing { try latches.close(id) } else { try latches.check(id) }
                _ = try? changes.update(id, event: "task") { $0.advance(to: step.rawValue) }
            }
            try latches.close(id)
            _ = try? changes.update(id) { change in
                let result: JSONValue = ["artifact": JSONValue(release.artifact), "tree": JSONValue(release.tree)]
                change.end(ChangeState.done, result: result)
            }
            onEnd?(.success(release))
        } catch {
            if let stop = latches.stopped(id) {
                let end = StoppedChange(database: database, audit: audit, changes: changes, clock: clock)
                if (try? end.record(change, stop)) != nil {
                    onEnd?(.failure(stop.refusal(of: change)))
                    return
                }
            }
            fail(id, error)
            if let onEnd { onEnd(.failure(error)) } else { _ = try? recordRefusal(error, artifact, by: actor) }
        }
    }

    private func fail(_ id: ChangeID, _ error: any Error) {
        let refusal = error as? Refusal
        _ = try? changes.update(id) { change in
            change.end(
                ChangeState.failed,
                result: ["details": refusal?.details ?? .null, "remedy": JSONValue(refusal?.remedy)])
            change.errorCode = refusal?.code ?? "internal"
            change.errorMessage = refusal?.message ?? "Staging failed: \(error)"
        }
    }

    /// Nobody waits for the answer of a background stage, so its refusal is logged here.
    private func recordRefusal(_ error: any Error, _ artifact: ArtifactName, by actor: Actor) throws {
        let subject =
            switch artifact {
            case .digest(let digest): digest.hex
            case .label(let name): name
            }
        try audit.record(
            .refused(
                .releaseStage, by: actor, subject: subject, at: clock.now(),
                code: (error as? Refusal)?.code ?? "internal"))
    }
}

extension Change {
    /// Marks everything before a task as done and the task as running.
    fileprivate mutating func advance(to name: String) {
        guard let index = tasks.firstIndex(where: { $0.name == name }) else { return }
        for earlier in 0..<index { tasks[earlier].state = .done }
        tasks[index].state = .running
        progress = Progress(done: Int64(index), total: Int64(tasks.count))
    }

    /// Ends a stage or a trial with its tasks.
    mutating func end(_ state: ChangeState, result: JSONValue) {
        self.state = state
        self.result = result
        for index in tasks.indices {
            switch (tasks[index].state, state) {
            case (.running, .done): tasks[index].state = .done
            case (.running, _): tasks[index].state = .failed
            // A release that was staged before skips the work.
            case (.waiting, _): tasks[index].state = .skipped
            default: break
            }
        }
    }
}
