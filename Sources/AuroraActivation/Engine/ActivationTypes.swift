package import AuroraModel

/// What a health check found.
package enum HealthVerdict: Hashable, Sendable {
    case healthy
    /// Not healthy, with the reason in words for the operator.
    case unhealthy(String)
    /// Not healthy because of these parts of the generation; only they are blocked when it is taken back.
    case unhealthyParts([Digest], reason: String)
}

/// What restarts and judges a generation could not be asked, which says nothing about the generation.
///
/// Thrown by the closures of an operation, it ends neither well nor badly: the operation stays open, and the next recovery
/// goes on with it.
package struct NoVerdict: Error, CustomStringConvertible {
    /// Who could not be asked, and why.
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// How far an activation has got, for progress.
package enum ActivationPhase: String, Hashable, Sendable, CaseIterable {
    /// The intent is durable; nothing has changed yet.
    case intent
    /// What has to be done beside the tree before the switch is being done.
    case preparing
    /// The one switch is done and durable.
    case switched
    /// The apply command runs.
    case applying
    /// The health gate runs.
    case checking
    case committed
    /// The way back has begun.
    case rollingBack
    /// The old generation is back and healthy.
    case rolledBack
    /// The old generation is back and not healthy.
    case degraded
}

/// How an activation or a rollback ended.
package struct ActivationOutcome: Hashable, Sendable {
    package enum Result: String, Hashable, Sendable {
        /// The new generation runs and is healthy.
        case committed
        /// It was not healthy; the old one is back and healthy, the failed digest is blocked.
        case rolledBack
        /// The generation that was returned to is not healthy either; a person must decide.
        case degraded
    }

    package let result: Result
    package let action: Operation.Action
    /// The generation that was active before.
    package let from: Int
    /// The generation that was asked for.
    package let to: Int
    /// The generation that is active now.
    package let active: Int
    /// The plan digest of the generation that was asked for.
    package let plan: Digest?
    /// Why it did not commit; nil when it did.
    package let reason: String?
}

/// What recovery found and did.
package struct RecoveryReport: Hashable, Sendable {
    package enum Finding: Hashable, Sendable {
        /// Nothing was interrupted.
        case clean
        /// An operation had been begun and nothing was switched: it is ended, the old generation is active.
        case aborted(Operation)
        /// An operation had been begun and nothing was switched, but it may have changed something beside the tree:
        /// `resume` must take that back and start the old generation again.
        case needsUndo(Operation)
        /// The switch had happened: `resume` must run the gate.
        case needsGate(Operation)
        /// The way back had begun and is now switched: `resume` must restart and check the old generation.
        case needsRestart(Operation)
    }

    package let finding: Finding
    /// Bytes of an unfinished journal record that were dropped.
    package let droppedJournalBytes: Int
    /// What lies at the path instead of the active generation; nil when all is well.
    package let foreign: String?
    /// How the interrupted operation ended, once its gate has run.
    package var outcome: ActivationOutcome?
}
