package import AuroraModel

extension TargetState {
    /// How an operation ended that is no longer open, read from what the journal keeps.
    ///
    /// For owners that were killed between the end of an operation and their own note of it. Right for the last operation
    /// of a target, as long as nothing else was begun on it.
    /// - Parameters:
    ///   - old: the generation that was active before.
    ///   - new: the generation that was asked for.
    /// - Returns: nil when nothing was switched.
    package func ending(_ action: Operation.Action, from old: Int, to new: Int, plan: Digest?) -> ActivationOutcome? {
        func ended(_ result: ActivationOutcome.Result, _ reason: String?) -> ActivationOutcome {
            ActivationOutcome(
                result: result, action: action, from: old, to: new, active: active ?? old, plan: plan, reason: reason)
        }
        if active == new { return ended(degraded == nil ? .committed : .degraded, degraded) }
        guard action == .activate, generation(new)?.state == .failed else { return nil }
        if let degraded { return ended(.degraded, degraded) }
        return ended(.rolledBack, blocked.first { $0.generation == new }?.reason ?? "it was not healthy")
    }
}
