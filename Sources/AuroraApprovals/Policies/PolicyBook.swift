package import AuroraModel

/// Which policy holds for which target: shipped defaults, then the domain's settings, then the target's own.
///
/// A value; the hub makes a new one when its configuration changes. A change of policy makes plans stale, because a plan
/// names the digest of the policy it is to be approved under.
package struct PolicyBook: Sendable {
    private let domains: [Domain: PolicySettings]
    private let targets: [TargetName: PolicySettings]
    /// Whether this hub was started with `--dev`.
    package let isDevelopment: Bool

    package init(
        domains: [Domain: PolicySettings] = [:], targets: [TargetName: PolicySettings] = [:],
        isDevelopment: Bool = false
    ) {
        self.domains = domains
        self.targets = targets
        self.isDevelopment = isDevelopment
    }

    /// The policy for `target`.
    ///
    /// In development mode a routine target also allows self-approval and approval without a reason, and a routine
    /// target of `core` unsigned artifacts; safety-critical targets are not relaxed.
    package func policy(for target: TargetDescription) -> Policy {
        policy(domain: target.domain, safety: target.safetyClass, target: target.name)
    }

    /// The policy of a domain for targets of its usual safety class that have no settings of their own.
    package func policy(for domain: Domain) -> Policy {
        policy(domain: domain, safety: domain.defaultSafetyClass, target: nil)
    }

    private func policy(domain: Domain, safety: SafetyClass, target: TargetName?) -> Policy {
        var policy = Policy.defaults(for: domain, safety: safety)
        domains[domain]?.apply(to: &policy)
        if let target, let own = targets[target] {
            own.apply(to: &policy)
            policy.name = "\(domain)/\(target)"
        }
        if isDevelopment, safety == .routine {
            policy.selfApproval = true
            policy.reasonLength = 0
            if domain == .core { policy.allowUnsigned = true }
        }
        return policy
    }

    /// The first policy of `targets` that is weaker than its safety class allows, as a refusal with code `weak_policy`.
    ///
    /// Call it before anything starts: a hub with such a configuration must not run.
    package func check(_ targets: [TargetDescription]) throws(Refusal) {
        for target in targets {
            let policy = policy(for: target)
            let problem =
                policy.safetyProblem
                ?? (policy.requiresCountersignature && policy.countersignKeys.isEmpty
                    ? "the policy wants a countersignature, but no countersign_keys are given" : nil)
            guard let problem else { continue }
            throw Refusal(
                .unprocessable, code: "weak_policy", "target \(target.name): \(problem)", subject: target.name.text,
                rule: "safety-critical: two people, operator-signed, never self-approved; satellite: countersigned",
                remedy: "correct policies.\(target.domain) or the policy of the target, or make the target routine")
        }
    }
}
