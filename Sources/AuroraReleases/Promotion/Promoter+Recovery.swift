import AuroraActivation
import AuroraApprovals
import AuroraDatabase
import AuroraModel
import Dispatch
import Synchronization

extension Promoter {
    /// Finishes what a killed hub left in the middle; to be called before anything is served.
    ///
    /// Repeatable.
    ///
    /// A change killed before its switch is interrupted and its approval is free again; one killed after it passes its
    /// health gate now or is taken back. Targets seen for the first time are adopted as generation 0. Targets know nothing
    /// of each other, so all of them recover at once, each on its own worker: the slowest health gate is what a start waits
    /// for, and a gate may ask another target that is just coming up.
    ///
    /// - Throws: the first target's error, after all of them have ended: when a target's journal cannot be read or the database cannot be written; the hub must not serve then.
    @discardableResult
    package func recoverAtStart() throws -> [TargetRecovery] {
        let running = try database.read { try PromotionStore.running(in: $0) }
        let all = targets.all()
        let results = Mutex<[TargetName: Result<TargetRecovery, any Error>]>([:])
        let group = DispatchGroup()
        for target in all {
            group.enter()
            target.worker.enqueue {
                let promotion = running.first { $0.target == target.name }
                let result = Result { try self.recover(target, promotion) }
                results.withLock { $0[target.name] = result }
                group.leave()
            }
        }
        group.wait()
        let ended = results.withLock { $0 }
        let recoveries = try all.compactMap { try ended[$0.name]?.get() }
        for change in try changes.unfinished() {
            try StoppedChange(database: database, audit: audit, changes: changes, clock: clock).record(change, .byHub)
        }
        return recoveries
    }

    private func recover(_ target: Target, _ promotion: Promotion?) throws -> TargetRecovery {
        let progress = promotion.map { ChangeProgress(id: $0.change, changes: changes) }
        let report = try target.engine.recover(
            onPhase: { progress?.phase($0) }, apply: target.commands.apply, health: target.commands.health)
        if target.engine.active == nil { try target.engine.adoptExisting() }
        var words = "clean"
        if let promotion {
            let conclusion = Conclusion(promotion, on: target.engine, after: report, cause: nil)
            changes.announce(try record(promotion, on: target, conclusion))
            words = "the change \(promotion.change) ended as \(conclusion.outcome.rawValue)"
        } else if report.finding != .clean {
            words = "an interrupted operation was finished"
        }
        if let foreign = report.foreign { words += "; the path holds something else: \(foreign)" }
        if let degraded = target.engine.degraded { words += "; degraded: \(degraded)" }
        return TargetRecovery(
            target: target.name, summary: words, change: promotion?.change,
            needsAttention: report.foreign != nil || target.engine.degraded != nil)
    }
}
