/// Where a suggestion stands on its way from a request to an end.
package enum SuggestionState: String, Sendable, CaseIterable {
    /// In its domain's queue; people may vote.
    case waiting
    /// Enough people said yes; it may be started, once, while the yes holds.
    case approved
    case rejected
    case expired
    /// What it would change is no longer what was planned.
    case stale
    case withdrawn
    /// Its approval was used; a change is under way.
    case running
    case done
    /// The change was made and taken back.
    case rolledBack = "rolled-back"
    case failed

    /// Whether nobody can do anything with it any more.
    package var isFinal: Bool {
        switch self {
        case .waiting, .approved, .running: false
        default: true
        }
    }

    /// Whether people may still vote on it.
    package var isOpen: Bool { self == .waiting || self == .approved }
}

/// Where a suggestion came from.
package enum SuggestionSource: String, Sendable, CaseIterable {
    case operatorRequest = "operator"
    case ci
    case dropFolder = "drop-folder"
    case api
}
