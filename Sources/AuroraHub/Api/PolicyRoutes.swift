import AuroraApprovals
import AuroraHTTP
import AuroraModel

/// The rules that are in force.
struct PolicyRoutes {
    let approvals: Approvals
    let domains: [Domain]
    let targets: [TargetDescription]

    var routes: [Route] { [list] }

    private var list: Route {
        Route(
            .get, "/api/v1/policies", .right(.read), "The policies of all domains, and of targets that have their own.",
            responses: [.list(of: "Policy")]
        ) { [self] _ in
            let book = approvals.policies
            let known = domains.map { book.policy(for: $0) }
            let digests = Set(known.map(\.digest))
            let own = targets.map { book.policy(for: $0) }.filter { !digests.contains($0.digest) }
            return .list((known + own).map(Self.json), next: nil)
        }
    }

    static func json(_ policy: Policy) -> JSONValue {
        var object = policy.json.object ?? [:]
        object["digest"] = JSONValue(policy.digest)
        return .object(object)
    }
}
