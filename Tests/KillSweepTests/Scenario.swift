import AuroraModel
import Testing

/// One act of the sweep: how to get there, what to interrupt, and which versions may be there afterwards.
struct Scenario: CustomTestStringConvertible, Sendable {
    let name: String
    /// Driver verbs with their arguments after the folder.
    let setup: [String]
    let act: [String]
    /// Arguments of `check` when the act was acknowledged and when it was not.
    let checkAcknowledged: [String]
    let check: [String]
    /// What `look` must find after an act that failed without being killed; nil when the verb has no versions.
    let failed: [String]?

    var testDescription: String { name }

    static func target(_ kind: TargetKind) -> [Scenario] {
        let kind = kind.rawValue
        func make(
            _ name: String, _ setup: [String], _ act: [String], acknowledged: (Int, Int), either: (Int, Int),
            failed: (Int, Int)
        ) -> Scenario {
            Scenario(
                name: "\(name), kind \(kind)", setup: setup, act: act,
                checkAcknowledged: ["check", kind, "\(acknowledged.0)", "\(acknowledged.1)"],
                check: ["check", kind, "\(either.0)", "\(either.1)"],
                failed: ["look", kind, "\(failed.0)", "\(failed.1)"])
        }
        return [
            make(
                "adopt", ["seed", kind], ["adopt", kind], acknowledged: (0, 0), either: (0, 0), failed: (0, 0)),
            make(
                "promote", ["setup", kind, "1"], ["promote", kind, "2", "2"], acknowledged: (2, 2), either: (1, 2),
                failed: (1, 1)),
            make(
                "promote and fall back", ["setup", kind, "1"], ["promote-unhealthy", kind, "2", "2"],
                acknowledged: (1, 2), either: (1, 2), failed: (1, 1)),
            make(
                // A person asked for version 1: once it is there it stays, also when the journal cannot take the commit.
                "rollback", ["setup", kind, "2"], ["rollback", kind], acknowledged: (1, 1), either: (1, 2),
                failed: (1, 2)),
        ]
    }

    static let all: [Scenario] = TargetKind.allCases.flatMap(target) + [audit]

    static let audit = Scenario(
        name: "audit append", setup: ["audit-setup"], act: ["audit-append", "1", "4"],
        checkAcknowledged: ["audit-check"], check: ["audit-check"], failed: nil)
}
