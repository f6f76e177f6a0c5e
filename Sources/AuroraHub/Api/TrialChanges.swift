import AuroraApprovals
import AuroraHTTP
import AuroraModel
import AuroraReleases
import Dispatch
import Synchronization

/// Runs trials in the background as changes, so that a slow health command blocks no request.
final class TrialChanges: Sendable {
    /// What a request that has to wait for a trial waits for.
    private struct Pair: Hashable {
        let release: Digest
        let target: TargetName
    }

    private let promoter: Promoter
    private let trials: Trials
    private let changes: ChangeStore
    private let trail: AuditTrail
    private let log: Log
    /// The trials of one target run one after another.
    private let queues = Mutex<[TargetName: DispatchQueue]>([:])
    private let awaited = Mutex<[Pair: [Awaited<PlanTrial?>]]>([:])

    init(releases: Releases, changes: ChangeStore, trail: AuditTrail, log: Log) {
        promoter = releases.promoter
        trials = releases.trials
        self.changes = changes
        self.trail = trail
        self.log = log
    }

    /// Begins a trial; the change ends with its result.
    ///
    /// - Parameter onEnd: called on the trial's thread after the change has ended.
    func start(
        _ release: Digest, on target: TargetName, by actor: Actor,
        onEnd: @escaping @Sendable (Result<PlanTrial?, any Error>) -> Void = { _ in }
    ) throws -> Change {
        let change = changes.new(.trial, subject: release.hex, actor: actor.name, reason: "", tasks: ["trial"])
        try changes.create(change)
        queue(of: target).async { [self] in onEnd(run(change.id, release, target, actor)) }
        return change
    }

    private func queue(of target: TargetName) -> DispatchQueue {
        queues.withLock { queues in
            if let queue = queues[target] { return queue }
            let queue = DispatchQueue(label: "aurora.trials." + target.text)
            queues[target] = queue
            return queue
        }
    }

    /// Does `work` when the plan of a release for a target can show a trial.
    ///
    /// That is at once where there is a trial or none is needed, else after the one that runs, or that is begun here. The
    /// request is parked meanwhile.
    func before(
        _ release: Digest, on target: TargetName, by actor: Actor,
        _ work: @escaping @Sendable () throws -> HTTPResponse
    ) throws -> HTTPResponse {
        guard try promoter.lacksTrial(release, on: target) else { return try work() }
        let pair = Pair(release: release, target: target)
        let mine = Awaited<PlanTrial?>()
        let isFirst = awaited.withLock { awaited in
            awaited[pair, default: []].append(mine)
            return awaited[pair]?.count == 1
        }
        if isFirst {
            do {
                _ = try start(release, on: target, by: actor) { [self] result in give(result, to: pair) }
            } catch {
                give(.failure(error), to: pair)
            }
        }
        return mine.answer { _ in try work() }
    }

    private func give(_ result: Result<PlanTrial?, any Error>, to pair: Pair) {
        let all = awaited.withLock { $0.removeValue(forKey: pair) ?? [] }
        for one in all { one.give(result) }
    }

    private func run(
        _ id: ChangeID, _ release: Digest, _ target: TargetName, _ actor: Actor
    ) -> Result<PlanTrial?, any Error> {
        do {
            try changes.update(id, event: "state") { change in
                change.state = .running
                change.tasks[0].state = .running
            }
            let result = try trials.run(release, on: target, by: actor)
            try finish(id, result)
            return .success(result)
        } catch {
            let problem = Problem(error)
            log.warning("a trial could not be run", ["change": id.text, "error": "\(error)"])
            let refusal =
                error as? Refusal
                ?? Refusal(.unavailable, code: problem.code, problem.detail, remedy: problem.remedy)
            record(refusal, id, release, target, actor)
            _ = try? changes.finish(id, .failed, error: refusal)
            return .failure(error)
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
