package import AuroraModel

/// What the policy says about a suggestion at one moment.
package enum Verdict: Hashable, Sendable {
    /// It may start now.
    case approved
    /// It may not start yet; what is missing.
    case waiting([Missing])
    case rejected(by: [UserName])
    case expired
    /// The policy or the plan has changed since it was filed.
    case stale(String)
    /// It is over, or its approval is used; the state says which.
    case closed(SuggestionState)

    /// One thing a suggestion still needs.
    package enum Missing: Hashable, Sendable {
        /// This many more people, of those roles.
        case approvals(Int, roles: [Role])
        /// The ground segment's signature under one of the approvals.
        case countersignature
        /// The next window.
        case window(opens: Timestamp)
        /// Nobody with the rights is in the way any more; the plan's artifact carries no good signature.
        case artifactSignature

        package var text: String {
            switch self {
            case .approvals(let count, let roles):
                "\(count) more approval\(count == 1 ? "" : "s") by \(roles.map(\.rawValue).joined(separator: " or "))"
            case .countersignature: "a countersignature by a ground-segment key"
            case .window(let opens): "the next window, which opens \(opens)"
            case .artifactSignature: "a good signature over the artifact"
            }
        }
    }

    package var isApproved: Bool { self == .approved }

    /// Whether enough people said yes, be the window open or not.
    package var hasQuorum: Bool {
        switch self {
        case .approved: true
        case .waiting(let missing):
            missing.allSatisfy { if case .window = $0 { true } else { false } }
        default: false
        }
    }

    /// The verdict for answers: a word and what is missing in words.
    package var json: JSONValue {
        switch self {
        case .approved: ["verdict": "approved", "missing": []]
        case .waiting(let missing): ["verdict": "waiting", "missing": JSONValue(missing.map(\.text))]
        case .rejected(let users): ["verdict": "rejected", "by": JSONValue(users.map(\.text))]
        case .expired: ["verdict": "expired"]
        case .stale(let why): ["verdict": "stale", "reason": .string(why)]
        case .closed(let state): ["verdict": "closed", "state": .string(state.rawValue)]
        }
    }
}
