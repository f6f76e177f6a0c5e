import AuroraApprovals
import AuroraDatabase
import AuroraHTTP
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

    /// Votes yes on the one open suggestion of this name, or on the one that promotes this staged digest.
    ///
    /// - Parameter file: the name, with its queue before it if the client knows it: the prototype's list gave folder and
    ///   name apart, and its clients may join them again.
    /// - Throws: `Problem`: 404 for an unknown name; 409 with the choices when it is not the name of exactly one.
    func approve(
        _ file: String, target: String?, reason: String?, _ context: RequestContext,
        answer: @escaping @Sendable (Approved) -> HTTPResponse
    ) throws -> HTTPResponse {
        guard let (release, place) = try unplanned(file, target: target) else {
            return try answer(approve(file, target: target, reason: reason, context))
        }
        return try routes.trials.before(release, on: place, by: context.actor()) {
            try answer(approve(file, target: target, reason: reason, context))
        }
    }

    /// The release and target of a name that is a staged digest for which no open suggestion is there yet.
    private func unplanned(_ file: String, target: String?) throws -> (Digest, TargetName)? {
        let parts = file.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let digest = parts.last.flatMap({ Digest(hex: $0) }) else { return nil }
        _ = try stager.release(digest)
        let place = try targets.find(target)
        let isRight = Self.isNamed(
            parts.count > 1 ? parts.dropLast().joined(separator: "/") : nil, place.description.domain)
        return try isRight && pending(digest, on: place.name) == nil ? (digest, place.name) : nil
    }

    private func pending(_ digest: Digest, on place: TargetName) throws -> Suggestion? {
        try approvals.open(for: place).last { $0.plan.to.artifact == digest && $0.plan.action == .promote }
    }

    private func approve(_ file: String, target: String?, reason: String?, _ context: RequestContext) throws
        -> Approved
    {
        let sender = try context.sender()
        let text = reason ?? ""
        let suggestion = try find(file, target: target, reason: text, context)
        let after = try routes.cast(
            .approve, on: suggestion.id, plan: suggestion.planDigest, reason: text, envelope: nil, context)
        let votes = try approvals.votes(on: suggestion.id)
        guard let vote = votes.last(where: { $0.user == sender.user && !$0.isReplaced }) else { throw Problem.inside }
        return Approved(suggestion: after, token: vote.envelope.json.description)
    }

    private func find(_ file: String, target: String?, reason: String, _ context: RequestContext) throws -> Suggestion {
        let parts = file.split(separator: "/", omittingEmptySubsequences: false)
        let name = parts.last.map(String.init) ?? file
        let queue = parts.count > 1 ? parts.dropLast().joined(separator: "/") : nil
        if let id = SuggestionID(name) {
            let suggestion = try approvals.get(id)
            guard Self.isNamed(queue, suggestion.domain) else { throw Problem.notFound("suggestion", file) }
            return suggestion
        }
        if let digest = Digest(hex: name) {
            guard Self.isNamed(queue, try targets.find(target).description.domain) else {
                throw Problem.notFound("suggestion", file)
            }
            return try promoting(digest, target: target, reason: reason, context)
        }
        return try find(named: name, queue: queue, file)
    }

    /// Names are looked up in the database; no name is ever used as a path (defect 22).
    ///
    /// Whoever may write to a queue's folder chooses the names, so a name counts only while it leaves no choice.
    private func find(named name: String, queue: String?, _ file: String) throws -> Suggestion {
        let open = try open().filter { $0.name == name }.map(\.suggestion)
        let matches = open.filter { Self.isNamed(queue, $0.domain) }
        if let match = matches.first, matches.count == 1 { return match }
        let isKnown = try !open.isEmpty || database.read { try DropFolderStore.names(in: $0) }.values.contains(name)
        guard isKnown else { throw Problem.notFound("suggestion", file) }
        let choices = matches.isEmpty ? open : matches
        throw Problem.conflict(
            choices.isEmpty ? "suggestion_closed" : "suggestion_ambiguous",
            "\(matches.count) open suggestions have this name\(queue == nil ? "" : " in this queue")",
            subject: file.printable(limit: 80),
            remedy: choices.isEmpty ? "list what is open" : "name one of the choices by its id",
            members: ["choices": .array(choices.map(Self.choice))])
    }

    private static func isNamed(_ queue: String?, _ domain: Domain) -> Bool {
        queue.map { $0 == DashboardPrototypeRoutes.folder(domain) || $0 == domain.name } ?? true
    }

    private static func choice(_ suggestion: Suggestion) -> JSONValue {
        [
            "suggestion": .string(suggestion.id.text), "plan": JSONValue(suggestion.planDigest),
            "queue": .string(DashboardPrototypeRoutes.folder(suggestion.domain)),
            "state": .string(suggestion.state.rawValue),
        ]
    }

    /// The pending suggestion that promotes a staged artifact; one is made when there is none.
    private func promoting(_ digest: Digest, target: String?, reason: String, _ context: RequestContext) throws
        -> Suggestion
    {
        _ = try stager.release(digest)
        let place = try targets.find(target)
        if let pending = try pending(digest, on: place.name) { return pending }
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
