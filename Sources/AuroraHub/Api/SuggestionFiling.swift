import AuroraActivation
import AuroraModel
import AuroraReleases

/// Turns a request for a change into a suggestion, wherever the request came from.
enum SuggestionFiling {
    static func file(
        _ request: NewSuggestionRequest, with promoter: Promoter, targets: Targets, by actor: Actor,
        source: SuggestionSource
    ) throws -> PromoteOutcome {
        if let release = request.release {
            return try promoter.request(
                promote: release, on: request.target, by: actor, reason: request.reason, source: source)
        }
        guard let generation = try request.generation ?? before(request.target, targets) else {
            throw Problem.conflict(
                "rollback_unavailable", "\(request.target) has no generation to go back to",
                subject: request.target.text,
                remedy: "look at its generations: aurora target show \(request.target)")
        }
        return try promoter.request(
            rollback: request.target, to: generation, by: actor, reason: request.reason, source: source)
    }

    /// The generation that one step back leads to.
    private static func before(_ name: TargetName, _ targets: Targets) throws -> Int64? {
        try targets.find(name).engine.rollbackTarget.map { Int64($0.number) }
    }
}
