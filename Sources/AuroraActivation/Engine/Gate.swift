import AuroraModel

/// What the caller gives an operation: what to do beside the switch, how to restart what runs from the tree, how to judge
/// it, and who is told.
struct Gate {
    let onPhase: (ActivationPhase) -> Void
    let beside: SideWork?
    let apply: () throws -> Void
    let health: () throws -> HealthVerdict

    init(
        onPhase: @escaping (ActivationPhase) -> Void, beside: SideWork? = nil, apply: @escaping () throws -> Void,
        health: @escaping () throws -> HealthVerdict
    ) {
        self.onPhase = onPhase
        self.beside = beside
        self.apply = apply
        self.health = health
    }

    /// Why a generation was not healthy.
    struct Failure {
        let reason: String
        /// The parts that are to blame; empty when nobody knows.
        var blamed: [Digest] = []
    }

    /// Restarts and judges; nil means healthy, anything else is the reason why not.
    ///
    /// Errors of the closures are reasons, except for those that are no verdict.
    /// - Throws: ``NoVerdict``.
    func run() throws(NoVerdict) -> Failure? {
        do {
            onPhase(.applying)
            try apply()
            onPhase(.checking)
            switch try health() {
            case .healthy: return nil
            case .unhealthy(let reason): return Failure(reason: reason)
            case .unhealthyParts(let trees, let reason): return Failure(reason: reason, blamed: trees)
            }
        } catch let error as NoVerdict {
            throw error
        } catch {
            return Failure(reason: "\(error)")
        }
    }

    func prepare() throws {
        guard let beside else { return }
        onPhase(.preparing)
        try beside.prepare()
    }

    func undo() throws { try beside?.undo() }

    /// The same gate whose first verdict is already known to be bad; the way back is judged as ever.
    func failing(_ reason: String) -> Gate {
        // A box because the closures are escaping; used by one thread.
        final class Once { var isFirst = true }
        let once = Once()
        return Gate(
            onPhase: onPhase, beside: beside,
            apply: { [apply] in if !once.isFirst { try apply() } },
            health: { [health] in
                defer { once.isFirst = false }
                return once.isFirst ? .unhealthy(reason) : try health()
            })
    }
}
