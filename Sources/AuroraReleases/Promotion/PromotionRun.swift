import AuroraActivation
import AuroraDatabase
import AuroraModel

/// One change on its target's worker, from the prepared generation to its recorded end.
struct PromotionRun: Sendable {
    let promotion: Promotion
    let plan: Plan
    let drift: [DriftItem]
    let target: Target
    let promoter: Promoter

    /// The steps people see, in order.
    static let tasks = ["prepare", "switch", "apply", "health", "commit"]

    /// Does the change; whatever happens, its end is recorded and the target is free again.
    func run(_ id: ChangeID) {
        let progress = ChangeProgress(id: id, changes: promoter.changes)
        progress.start()
        let conclusion: Conclusion
        do {
            conclusion = Conclusion(try perform(progress))
        } catch let stop as ChangeLatches.Stopped {
            conclusion = .aborted(by: stop.actor, reason: stop.reason)
        } catch {
            conclusion = afterFailure(error, progress)
        }
        promoter.conclude(promotion, on: target, with: conclusion)
    }

    private func perform(_ progress: ChangeProgress) throws -> ActivationOutcome {
        try target.exclusively { engine in
            progress.begin("prepare")
            let number = try prepare(engine)
            progress.end("prepare", "generation \(number)")
            try promoter.latches.close(promotion.change)
            let commands = target.commands
            if promotion.kind == .takeBack {
                return try engine.rollback(
                    reason: promotion.reason, onPhase: progress.phase, apply: commands.apply, health: commands.health)
            }
            return try engine.activate(
                number, onPhase: progress.phase, apply: commands.apply, health: commands.health)
        }
    }

    /// The generation to make active, complete and intact: a new one for a promote, the kept one otherwise.
    private func prepare(_ engine: ActivationEngine) throws -> Int {
        let number = Int(promotion.toGeneration ?? -1)
        guard promotion.kind == .promote, let tree = promotion.tree else {
            try requireIntact(promotion.tree, engine)
            return number
        }
        let ready = engine.generations().first { $0.number == number }
        if let ready, ready.state == .prepared, ready.planDigest == promotion.plan {
            // Prepared for this very plan before a crash.
            try requireIntact(tree, engine)
            return number
        }
        let made = try engine.prepare(
            treeDigest: tree, planDigest: promotion.plan, label: Target.label(plan.to), artifact: promotion.artifact,
            acceptingDrift: drift)
        guard made.number == number else {
            throw CommandFailure(description: "the new generation is \(made.number), the plan says \(number)")
        }
        return number
    }

    private func requireIntact(_ tree: Digest?, _ engine: ActivationEngine) throws {
        guard let tree, try engine.hasTree(tree), try !engine.verifyTree(tree).isEmpty else { return }
        throw CommandFailure(description: "the stored tree \(tree.hex) was changed; promote the release again instead")
    }

    /// After an error the engine says what became of the target; until it does, nothing else may happen there.
    private func afterFailure(_ error: any Error, _ progress: ChangeProgress) -> Conclusion {
        do {
            let report = try target.exclusively {
                try $0.recover(
                    onPhase: progress.phase, apply: target.commands.apply, health: target.commands.health)
            }
            return Conclusion(promotion, on: target.engine, after: report, cause: "\(error)")
        } catch let second {
            return .failed("\(error); and recovery failed: \(second)", isSwitched: nil)
        }
    }
}
