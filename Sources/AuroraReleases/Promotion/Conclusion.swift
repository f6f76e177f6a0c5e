import AuroraActivation
import AuroraModel

/// How a change of a target ended, whoever found out: the worker, or recovery after a crash.
enum Conclusion: Hashable, Sendable {
    case done
    /// It was made and taken back; why.
    case rolledBack(String)
    /// The generation that came back is not healthy either; a person must decide.
    case degraded(String)
    /// Nothing was switched, because the hub ended before it came to that.
    case interrupted
    /// Somebody stopped it before anything was switched.
    case aborted(by: Actor, reason: String)
    /// It went wrong; whether the switch had happened, nil when nobody can tell.
    case failed(String, isSwitched: Bool?)

    init(_ outcome: ActivationOutcome) {
        self =
            switch outcome.result {
            case .committed: .done
            case .rolledBack: .rolledBack(outcome.reason ?? "not healthy")
            case .degraded: .degraded(outcome.reason ?? "not healthy")
            }
    }

    /// Reads the end of a change from what the engine recovered.
    ///
    /// - Parameter cause: what went wrong in this process; nil when the hub was killed.
    init(_ promotion: Promotion, on engine: ActivationEngine, after report: RecoveryReport, cause: String?) {
        if let outcome = report.outcome {
            self = Conclusion(outcome)
            return
        }
        let notSwitched: Conclusion = cause.map { .failed($0, isSwitched: false) } ?? .interrupted
        if case .aborted = report.finding {
            self = notSwitched
            return
        }
        // No operation was open: it had not begun, or it had ended and only the row was not written.
        let action: Operation.Action = promotion.kind == .promote ? .activate : .rollback
        guard let new = promotion.toGeneration.map(Int.init),
            let ending = engine.state.ending(
                action, from: Int(promotion.fromGeneration), to: new, plan: promotion.plan)
        else {
            self = notSwitched
            return
        }
        self = Conclusion(ending)
    }

    /// Under which the end is stored.
    var outcome: Promotion.Outcome {
        switch self {
        case .done: .done
        case .rolledBack: .rolledBack
        case .degraded: .degraded
        case .interrupted: .interrupted
        case .aborted: .aborted
        case .failed: .failed
        }
    }

    /// What the log says about the end.
    var act: AuditAct {
        switch self {
        case .done: .changeDone
        case .rolledBack: .changeRolledBack
        case .degraded: .changeDegraded
        case .interrupted: .changeInterrupted
        case .aborted: .changeAborted
        case .failed: .changeFailed
        }
    }

    var changeState: ChangeState {
        switch self {
        case .done: .done
        case .rolledBack: .rolledBack
        case .degraded, .failed: .failed
        case .interrupted: .interrupted
        case .aborted: .aborted
        }
    }

    var reason: String? {
        switch self {
        case .done: nil
        case .interrupted: "the hub ended before anything was switched"
        case .rolledBack(let reason), .degraded(let reason): reason
        case .aborted(let actor, let reason): "\(actor.name): \(reason)"
        case .failed(let reason, _): reason
        }
    }

    var code: String? {
        switch self {
        case .done: nil
        case .interrupted: "interrupted"
        case .aborted: "aborted"
        case .rolledBack: "rolled_back"
        case .degraded: "target_degraded"
        case .failed: "change_failed"
        }
    }

    /// Whether the target is as it was before: what the change used up of rights is given back.
    var switchedNothing: Bool {
        switch self {
        case .interrupted, .aborted, .failed(_, isSwitched: .some(false)): true
        default: false
        }
    }
}
