import AuroraModel

/// A plan as it came from the hub: its exact bytes, and the digest computed from them here.
struct PlanOnScreen {
    /// What the plan says.
    let plan: Plan
    /// The SHA-256 of the bytes received; what gets signed.
    let digest: Digest

    /// Fetches the plan of a suggestion and checks that it is what it claims to be.
    static func fetch(_ suggestion: String, _ hub: HubClient) throws -> PlanOnScreen {
        let target = "/api/v1/suggestions" + URLText.path(suggestion, "plan")
        let response = try hub.send(HubRequest(method: "GET", target: target))
        let digest = Digest(hashing: response.body)
        do {
            return PlanOnScreen(plan: try Plan(bytes: response.body), digest: digest)
        } catch {
            throw CommandError(
                "the plan of \(suggestion) is not one this program understands", cause: error.message,
                remedy: "do not approve; tell whoever runs the hub", code: error.code, exit: .verificationFailed)
        }
    }

    /// The plan as JSON, with its digest.
    var json: JSONValue {
        .object(JSONObject([("digest", .string(digest.hex)), ("plan", plan.json)]))
    }

    /// The plan for the person who is to approve it.
    var text: String {
        var facts = Facts()
        facts.add("plan", "sha256:\(digest.hex)")
        facts.add("does", "\(plan.action.rawValue) on \(plan.target.name) (\(plan.target.path))")
        facts.add("from", Self.side(plan.from))
        facts.add("to", Self.side(plan.to))
        facts.add("signature", plan.signature.explanation)
        facts.add("downgrade", plan.downgrade == .no ? "" : plan.downgrade.rawValue)
        facts.add(
            "files",
            "\(plan.files.added) added, \(plan.files.removed) removed, \(plan.files.changed) changed, "
                + "+\(ByteCount.text(plan.files.bytesAdded)) −\(ByteCount.text(plan.files.bytesRemoved))")
        for item in plan.drift { facts.add("drift", "\(item.path) was \(item.problem.rawValue) by hand") }
        facts.add("restart", plan.restart.joined(separator: " "))
        facts.add("health", plan.health.joined(separator: " "))
        facts.add("trial", plan.trial.map { "\($0.state.rawValue): \($0.output)" } ?? "none")
        facts.add("policy", "\(plan.policy.name)")
        return facts.text
    }

    private static func side(_ state: PlanState) -> String {
        guard let tree = state.treeDigest else { return "nothing" }
        let title = [state.name?.text, state.version.map { "\($0)" }].compactMap(\.self).joined(separator: " ")
        let generation = state.generation.map { "generation \($0), " } ?? ""
        return (title.isEmpty ? "" : title + ", ") + generation + "tree \(tree.short)"
    }
}
