import AuroraModel
import AuroraSystem

extension TargetWorker {
    /// Most times a gate is begun again after interruptions before the way back is taken.
    static let gateAttempts = 3

    /// INTENT → switch → apply and health → COMMIT, or the one way back.
    func activate(_ number: Int, gate: Gate) throws -> ActivationOutcome {
        let active = try requireInPlace()
        let new = try generation(number)
        if new.number == active.number {
            throw error(.alreadyActive, "generation \(number) is the active one", remedy: "nothing needs to be done")
        }
        try requireUnblocked(new.members.map(\.treeDigest))
        return try begin(.activate, from: active, to: new, reason: nil, gate: gate)
    }

    /// Back to the generation that the active one replaced: one switch; the digest taken back is blocked.
    func rollback(reason: String, gate: Gate) throws -> ActivationOutcome {
        let active = try requireInPlace()
        guard let undo = state.undo, let old = state.generation(undo) else {
            throw error(
                .noRollbackTarget, "generation \(active.number) has no generation to go back to",
                remedy: "promote the wanted release or generation with its own approval")
        }
        return try begin(.rollback, from: active, to: old, reason: reason, gate: gate)
    }

    private func begin(
        _ action: Operation.Action, from old: Generation, to new: Generation, reason: String?, gate: Gate
    ) throws -> ActivationOutcome {
        try switcher.settle(active: old.number, state)
        guard try switcher.isInPlace(new) else {
            throw error(
                .treeDamaged, "the tree of generation \(new.number) is not where it was put",
                remedy: "prepare the release again")
        }
        do {
            try reserveJournal()
        } catch {
            // The way back must not be refused by a full disk; what was reserved earlier is still there.
            guard action == .rollback else { throw error }
        }
        let operation = Operation(
            action: action, from: old.number, to: new.number, plan: new.planDigest, began: clock.now(), reason: reason,
            hasSideWork: gate.beside != nil)
        try append(.intent(operation))
        gate.onPhase(.intent)
        do {
            try gate.prepare()
        } catch {
            throw abandon(operation, gate: gate, because: error)
        }
        do {
            // What lies at the path says that it has happened; a record of it would only be one flush more.
            try switcher.perform(from: old, to: new)
        } catch {
            throw undoSwitch(operation, old, new, gate: gate, because: error)
        }
        gate.onPhase(.switched)
        return try judge(operation, gate: gate)
    }

    /// Takes back a switch that could not be made durable, before anyone was restarted onto it.
    private func undoSwitch(
        _ operation: Operation, _ old: Generation, _ new: Generation, gate: Gate, because cause: any Error
    ) -> any Error {
        do {
            try switcher.revert(from: old, to: new, state)
            try switcher.settle(active: old.number, state)
        } catch {
            requireRecovery()
            return wrap(cause, "switching from generation \(old.number) to \(new.number)")
        }
        return abandon(
            operation, gate: gate, because: wrap(cause, "switching from generation \(old.number) to \(new.number)"))
    }

    /// Ends an operation that has switched nothing; answers what to throw.
    private func abandon(_ operation: Operation, gate: Gate, because cause: any Error) -> any Error {
        do {
            // With a journal that failed, reading it again comes to the same end: intent without switch is an abort.
            try finishAbort(operation, reason: "\(cause)", gate: gate)
        } catch {
            requireRecovery()
        }
        return cause
    }

    /// The old generation never left the path: what was done beside it is taken back, and it is started again.
    func finishAbort(_ operation: Operation, reason: String, gate: Gate) throws {
        var reason = reason
        if operation.hasSideWork {
            try gate.undo()
            let old = try generation(operation.from)
            if let failure = try old.isEmpty ? emptyGate(gate) : verdict(gate) {
                reason += "; then generation \(operation.from) was not healthy: \(failure.reason)"
            }
        }
        try append(.aborted(reason: reason))
    }

    /// Runs the gate of a switched operation and ends it.
    func judge(_ operation: Operation, gate: Gate) throws -> ActivationOutcome {
        if let failure = try verdict(gate) {
            switch operation.action {
            case .activate: return try takeBack(operation, failure, gate: gate)
            case .rollback: return try degrade(operation, reason: failure.reason, gate: gate)
            }
        }
        do {
            try append(.commit(time: clock.now()))
        } catch {
            // The commit may or may not be on disk. For an activation the old tree comes back, so that a full or failing
            // disk never leaves a version that nobody can prove was accepted; reading the journal decides the rest.
            if operation.action == .activate { try takeBackUnrecorded(operation, gate: gate) }
            throw error
        }
        gate.onPhase(.committed)
        return outcome(.committed, operation, active: operation.to, reason: nil)
    }

    private func takeBackUnrecorded(_ operation: Operation, gate: Gate) throws {
        gate.onPhase(.rollingBack)
        try? switchBack(operation)
        restartUnrecorded(gate)
    }

    /// Starts the old generation again although the journal does not take a word; never on data of the new one.
    private func restartUnrecorded(_ gate: Gate) {
        do {
            try gate.undo()
            try gate.apply()
        } catch {
            requireRecovery()
        }
    }

    /// The switch of the way back.
    ///
    /// One failed call must not keep a bad version running, so it is tried a second time,
    /// unless only the sync failed: that is never repeated as if it had worked.
    private func switchBack(_ operation: Operation) throws {
        let (old, new) = (try generation(operation.from), try generation(operation.to))
        do {
            try switcher.revert(from: old, to: new, state)
        } catch {
            guard try switcher.locate(state) == .generation(new.number) else { throw error }
            try switcher.revert(from: old, to: new, state)
        }
        // Bookkeeping: what fails here is made good before the next operation.
        try? switcher.settle(active: old.number, state)
    }

    /// The one automatic way back.
    private func takeBack(_ operation: Operation, _ failure: Gate.Failure, gate: Gate) throws -> ActivationOutcome {
        let reason = failure.reason
        gate.onPhase(.rollingBack)
        // A journal that cannot take the record must not keep a bad version running: the switch goes on regardless, and
        // recovery reads "switched, but the old tree is there" as taken back.
        let recorded = Result { try append(.rollback(reason: reason, blamed: failure.blamed)) }
        do {
            try switchBack(operation)
        } catch {
            requireRecovery()
            throw wrap(error, "going back to generation \(operation.from) after: \(reason)")
        }
        if case .failure(let error) = recorded {
            restartUnrecorded(gate)
            throw error
        }
        let old = try generation(operation.from)
        return try finishTakeBack(operation, old: old, reason: reason, gate: gate)
    }

    /// The old tree is at the path again: undo what was done beside it, restart it, judge it, record the end.
    func finishTakeBack(
        _ operation: Operation, old: Generation, reason: String, gate: Gate
    ) throws -> ActivationOutcome {
        do {
            try gate.undo()
        } catch {
            requireRecovery()
            throw wrap(error, "taking back what generation \(operation.to) changed beside its tree, after: \(reason)")
        }
        // With nothing at the path there is nothing to be healthy; the restart may well fail for the same reason.
        let failure = try old.isEmpty ? emptyGate(gate) : verdict(gate)
        if let failure {
            let words = "\(reason); then the old generation was not healthy either: \(failure.reason)"
            try append(.degraded(reason: words, time: clock.now()))
            gate.onPhase(.degraded)
            return outcome(.degraded, operation, active: old.number, reason: words)
        }
        try append(.rolledBack(time: clock.now()))
        gate.onPhase(.rolledBack)
        return outcome(.rolledBack, operation, active: old.number, reason: reason)
    }

    /// Runs the gate; without a verdict the operation stays open for the next recovery.
    private func verdict(_ gate: Gate) throws(NoVerdict) -> Gate.Failure? {
        do throws(NoVerdict) { return try gate.run() } catch {
            requireRecovery()
            throw error
        }
    }

    private func emptyGate(_ gate: Gate) -> Gate.Failure? {
        gate.onPhase(.applying)
        try? gate.apply()
        return nil
    }

    /// A rollback by a person whose old generation is not healthy: it stays, there is no ping-pong.
    private func degrade(_ operation: Operation, reason: String, gate: Gate) throws -> ActivationOutcome {
        let old = try generation(operation.to)
        if old.isEmpty {
            try append(.commit(time: clock.now()))
            gate.onPhase(.committed)
            return outcome(.committed, operation, active: operation.to, reason: nil)
        }
        try append(.degraded(reason: reason, time: clock.now()))
        gate.onPhase(.degraded)
        return outcome(.degraded, operation, active: operation.to, reason: reason)
    }

    private func outcome(
        _ result: ActivationOutcome.Result, _ operation: Operation, active: Int, reason: String?
    ) -> ActivationOutcome {
        ActivationOutcome(
            result: result, action: operation.action, from: operation.from, to: operation.to, active: active,
            plan: operation.plan, reason: reason)
    }

    func wrap(_ cause: any Error, _ doing: String) -> any Error {
        (cause as? SystemError).map { systemError($0, doing) } ?? cause
    }
}
