import AuroraHTTP
import AuroraModel
import AuroraReleases
import Synchronization

/// Lets requests wait, parked, for the trial that their plan has to show.
final class AwaitedTrials: Sendable {
    /// What a request that has to wait for a trial waits for.
    private struct Pair: Hashable {
        let release: Digest
        let target: TargetName
    }

    private let promoter: Promoter
    private let trials: Trials
    private let awaited = Mutex<[Pair: [Awaited<PlanTrial?>]]>([:])

    init(releases: Releases) {
        promoter = releases.promoter
        trials = releases.trials
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
                _ = try trials.runInBackground(release, on: target, by: actor) { [self] in give($0, to: pair) }
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
}
