import AuroraApprovals
import AuroraDatabase
import AuroraModel
import AuroraReleases
import AuroraTrust

/// Suggestions under the names the prototype's clients know them by, and voting by such a name.
struct PrototypeSuggestions: Sendable {
    let approvals: Approvals
    let targets: Targets
    let stager: Stager
    let routes: SuggestionRoutes
    let database: Database

    /// Open suggestions, oldest first, each with its name: the file's, when it came from a queue's folder, else its id.
    func open() throws -> [(name: String, suggestion: Suggestion)] {
        let names = try database.read { try DropFolderStore.names(in: $0) }
        var found: [Suggestion] = []
        var cursor: String?
        repeat {
            let page = try approvals.list(states: [.waiting, .approved], cursor: cursor, limit: 500)
            found += page.items
            cursor = page.next
        } while cursor != nil
        return found.reversed().map { (names[$0.id.text] ?? $0.id.text, $0) }
    }

    /// What an approval led to.
    struct Approved: Sendable {
        let suggestion: Suggestion
        /// The DSSE envelope of this vote, as compact JSON: the real signed approval.
        let token: String
    }

    /// Votes yes on the suggestion of this name, or on the one that promotes this staged digest.
    func approve(_ name: String, target: String?, reason: String?, _ context: RequestContext) throws -> Approved {
        let sender = try context.sender()
        let text = reason ?? ""
        let suggestion = try find(name, target: target, reason: text, context)
        let after = try routes.cast(
            .approve, on: suggestion.id, plan: suggestion.planDigest, reason: text, envelope: nil, context)
        let votes = try approvals.votes(on: suggestion.id)
        guard let vote = votes.last(where: { $0.user == sender.user && !$0.isReplaced }) else { throw Problem.inside }
        return Approved(suggestion: after, token: vote.envelope.json.description)
    }

    private func find(_ name: String, target: String?, reason: String, _ context: RequestContext) throws -> Suggestion {
        if let id = SuggestionID(name) { return try approvals.get(id) }
        if let digest = Digest(hex: name) {
            return try promoting(digest, target: target, reason: reason, context)
        }
        // Names are looked up in the database; no name is ever used as a path (defect 22).
        guard let id = try database.read({ try DropFolderStore.suggestion(named: name, in: $0) }) else {
            throw Problem.notFound("suggestion", name)
        }
        return try approvals.get(id)
    }

    /// The pending suggestion that promotes a staged artifact; one is made when there is none.
    private func promoting(_ digest: Digest, target: String?, reason: String, _ context: RequestContext) throws
        -> Suggestion
    {
        _ = try stager.release(digest)
        let place = try targets.find(target)
        let pending = try approvals.open(for: place.name).last {
            $0.plan.to.artifact == digest && $0.plan.action == .promote
        }
        if let pending { return pending }
        let outcome = try routes.promoter.request(
            promote: digest, on: place.name, by: context.actor(),
            reason: reason.isEmpty && (try context.sender()).isDev ? "none given" : reason, source: .api)
        switch outcome {
        case .approvalRequired(let suggestion): return suggestion
        case .alreadyActive, .started:
            throw Problem.conflict(
                "already_active", "\(place.name) runs these bytes already", subject: digest.hex,
                remedy: "there is nothing to approve")
        }
    }
}
