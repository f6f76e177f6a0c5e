import AuroraActivation
import AuroraApprovals
import AuroraAudit
import AuroraDatabase
import AuroraModel
import AuroraSystem

extension Promoter {
    /// Records the end of a change and gives the target free; then starts what waited for it.
    func conclude(_ promotion: Promotion, on target: Target, with conclusion: Conclusion) {
        let event: ChangeEvent?
        do {
            event = try recordOnce(promotion, on: target, conclusion)
        } catch {
            // The target stays reserved, because the database that has to use up the next approval does not work. `tick`
            // tries again; should the hub end before, recovery reads the truth from the engine's journal.
            unrecorded.add(UnrecordedEnd(promotion: promotion, target: target, conclusion: conclusion))
            report("\(promotion.change) on \(target.name) ended as \(conclusion.outcome.rawValue): \(error)")
            return
        }
        latches.remove(promotion.change)
        // Free first, told afterwards: whoever hears of the end may ask for the next change at once.
        target.release(from: promotion.change)
        if let event { changes.announce(event) }
        if conclusion == .done {
            // Old generations go when there is time; a failure here costs disk space and nothing else.
            _ = try? target.exclusively { try $0.collectGarbage() }
        }
        // Anything that goes wrong here is tried again by the timer.
        try? tick()
    }

    /// How many changes have ended without the database having taken it; each keeps its target reserved.
    package var unwrittenEnds: Int { unrecorded.count }

    /// Tries again to write the ends that could not be written.
    func retryEnds() {
        for end in unrecorded.takeAll() { conclude(end.promotion, on: end.target, with: end.conclusion) }
    }

    /// Records an end unless it is recorded: a write that reported an error may have happened all the same.
    ///
    /// - Returns: what is to be announced; nil when it was recorded before.
    private func recordOnce(_ promotion: Promotion, on target: Target, _ conclusion: Conclusion) throws -> ChangeEvent?
    {
        guard try current(promotion).outcome == .running else { return nil }
        do {
            return try record(promotion, on: target, conclusion)
        } catch let refusal as Refusal {
            // The database works and the suggestion's state forbids its part of the end. Trying again would not help: the
            // change ends without it, and its approval stays used.
            report("\(promotion.change) on \(target.name) ends without its suggestion: \(refusal)")
            return try record(promotion, on: target, conclusion, closesSuggestion: false)
        }
    }

    /// The promotion's row as it is now.
    func current(_ promotion: Promotion) throws -> Promotion {
        try database.read { try PromotionStore.promotion(promotion.change, in: $0) } ?? promotion
    }

    /// Change, promotion, suggestion and log entry end together.
    ///
    /// - Returns: what is to be announced.
    func record(
        _ promotion: Promotion, on target: Target, _ conclusion: Conclusion, closesSuggestion: Bool = true
    ) throws -> ChangeEvent {
        let now = clock.now()
        let active = target.engine.active
        let oldTree = target.engine.generations().first { Int64($0.number) == promotion.fromGeneration }?.treeDigest
        let result: JSONValue = [
            "target": .string(target.name.text), "outcome": .string(conclusion.outcome.rawValue),
            "generation": JSONValue(active.map { $0.number }), "tree": JSONValue(active?.treeDigest),
        ]
        let entry = AuditEntry.accepted(
            conclusion.act, by: .system, subject: promotion.target.text, at: now,
            reason: conclusion.reason ?? "",
            details: [
                ("change", promotion.change.text), ("suggestion", promotion.suggestion?.text ?? ""),
                ("plan", promotion.plan.hex), ("kind", promotion.kind.rawValue),
                ("generation", active.map { "\($0.number)" } ?? ""), ("tree", active?.treeDigest?.hex ?? ""),
            ])
        let (changes, audit) = (changes, audit)
        return try database.write { [self] transaction in
            try PromotionStore.finish(promotion.change, as: conclusion.outcome, at: now, in: transaction)
            if closesSuggestion { try close(promotion, conclusion, target.description, oldTree, in: transaction) }
            _ = try audit.append(entry, in: transaction)
            return try changes.update(promotion.change, in: transaction) { $0.end(conclusion, result: result) }.1
        }
    }

    /// What becomes of the approval and of the right to take back.
    private func close(
        _ promotion: Promotion, _ conclusion: Conclusion, _ target: TargetDescription, _ oldTree: Digest?,
        in transaction: Transaction
    ) throws {
        let reason = conclusion.reason ?? ""
        guard let suggestion = promotion.suggestion else {
            return try closeTakeBack(promotion, conclusion, in: transaction)
        }
        if conclusion.switchedNothing {
            return try giveBack(suggestion, promotion, conclusion, in: transaction)
        }
        if promotion.kind == .promote, conclusion.outcome == .rolledBack || conclusion.outcome == .degraded {
            do {
                _ = try RollbackRights(approvals).use(
                    target: target, active: promotion.toGeneration ?? -1, to: promotion.fromGeneration, tree: oldTree,
                    taker: .automatic, reason: reason, by: .system, in: transaction)
            } catch is Refusal {
                // It was taken back already; a right that is missing now is no reason not to say so.
            }
        }
        try approvals.finish(suggestion, conclusion.suggestionState, reason: reason, in: transaction)
    }

    /// What becomes of the suggestion of a change that switched nothing.
    ///
    /// Only what the hub's own end cut off may start by itself again, and that a few times only. What somebody stopped is
    /// not wanted; what went wrong would go wrong again at once, without end.
    private func giveBack(
        _ suggestion: SuggestionID, _ promotion: Promotion, _ conclusion: Conclusion, in transaction: Transaction
    ) throws {
        let (change, reason) = (promotion.change, conclusion.reason ?? "")
        switch conclusion {
        case .aborted(let actor, let words):
            try approvals.release(suggestion, change: change, reason: reason, by: .system, in: transaction)
            _ = try approvals.withdraw(suggestion, reason: words, by: actor, in: transaction)
        case .interrupted:
            let count = try PromotionStore.interruptions(of: suggestion, in: transaction)
            guard count < Self.interruptedAttempts else {
                let words = "\(reason), \(count) times"
                return try approvals.fail(suggestion, change: change, reason: words, in: transaction)
            }
            try approvals.release(suggestion, change: change, reason: reason, by: .system, in: transaction)
        default:
            try approvals.fail(suggestion, change: change, reason: reason, in: transaction)
        }
    }

    /// Most times an approved change is begun after the hub ended in its middle, before it counts as failed.
    static let interruptedAttempts = 3
}

extension Conclusion {
    /// What becomes of the suggestion whose approval was used.
    var suggestionState: SuggestionState {
        switch self {
        case .done: .done
        case .rolledBack: .rolledBack
        case .degraded, .failed, .interrupted, .aborted: .failed
        }
    }
}
