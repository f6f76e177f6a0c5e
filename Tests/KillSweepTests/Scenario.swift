import AuroraModel
import Testing

/// One act of the sweep: how to get there, what to interrupt, and what may be there afterwards.
///
/// Verbs are the driver's, with their arguments after the folder. `{acked}` stands for the highest number that was
/// acknowledged, `{end}` for `killed` or `failed`.
struct Scenario: CustomTestStringConvertible, Sendable {
    let name: String
    let setup: [String]
    let act: [String]
    /// What is checked after an act that was acknowledged, and after one that was not.
    let checkAcknowledged: [String]
    let check: [String]
    /// What must hold at once, before any recovery, after an act that failed without being killed or acknowledged.
    let failed: [String]?
    /// What is done before the setup, and what is killed after it, so that the act has something to recover.
    var fixture: Fixture?
    var interrupted: (act: [String], at: Int)?
    /// Whether what the setup made is the same in another place: it knows neither its path nor the numbers of its files.
    var isMovable = false
    /// How many faults CI takes, by the seed; nil means every one.
    ///
    /// Of changes of packs it takes every kill, and so many of the calls that fail.
    var sampleSize: Int?

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

    static let targets: [Scenario] = TargetKind.allCases.flatMap(target)

    static let audit = Scenario(
        name: "audit append", setup: ["audit-setup"], act: ["audit-append", "1", "4"],
        checkAcknowledged: ["audit-check", "{acked}"], check: ["audit-check", "{acked}"], failed: nil)

    static let uploads = ["whole", "resumable", "whole-again", "resumable-again"].map { kind in
        Scenario(
            name: "upload, \(kind)", setup: ["upload-setup", kind], act: ["upload", kind],
            checkAcknowledged: ["upload-check", kind, "{acked}", "{end}"],
            check: ["upload-check", kind, "{acked}", "{end}"], failed: ["look-releases"], fixture: .hub,
            sampleSize: 40)
    }

    static let stage = Scenario(
        name: "stage", setup: ["stage-setup", Fixture.artifact, Fixture.signature], act: ["stage"],
        checkAcknowledged: ["stage-check", "{acked}"], check: ["stage-check", "{acked}"], failed: ["look-releases"],
        fixture: .signed, sampleSize: 60)

    /// Two packs at once on a device: first installed, upgraded with a new schema or a hook that changes data in place,
    /// upgraded and not healthy, taken back by a person.
    static let packs: [Scenario] = ["schema", "in-place"].flatMap { kind in
        func make(
            _ name: String, _ setup: Int, _ act: [String], acknowledged: (Int, Int), either: (Int, Int)
        ) -> Scenario {
            Scenario(
                name: "packs, \(name), \(kind)", setup: ["packs-setup", kind, "\(setup)"],
                act: [act[0], kind] + act.dropFirst(),
                checkAcknowledged: ["packs-check", kind, "\(acknowledged.0)", "\(acknowledged.1)"],
                check: ["packs-check", kind, "\(either.0)", "\(either.1)"],
                failed: ["packs-look", kind, "\(either.0)", "\(either.1)"], isMovable: true, sampleSize: 60)
        }
        return [
            make("fresh", 0, ["packs-install", "1"], acknowledged: (1, 1), either: (0, 1)),
            make("upgrade", 1, ["packs-install", "2"], acknowledged: (2, 2), either: (1, 2)),
            make("upgrade and fall back", 1, ["packs-unhealthy", "2"], acknowledged: (1, 1), either: (1, 2)),
            make("rollback", 2, ["packs-rollback"], acknowledged: (1, 1), either: (1, 2)),
        ]
    }

    /// The data of version 1 put in place of those of version 2, and taken back.
    static let packData: [Scenario] = [
        ("restore data", "packs-setup", "packs-restore-data", 1),
        ("take data back", "packs-restored-setup", "packs-take-back-data", 2),
    ].map { name, setup, act, end in
        Scenario(
            name: "packs, \(name)", setup: [setup, "kept", "2"], act: [act, "kept"],
            checkAcknowledged: ["packs-check-data", "kept", "\(end)", "\(end)"],
            check: ["packs-check-data", "kept", "1", "2"], failed: nil, isMovable: true, sampleSize: 60)
    }

    /// Everything but recovery, which is made from what an interrupted act left.
    static let all = targets + [audit] + uploads + [stage] + packs + packData

    /// What recovery has to do after this act was killed before one of its calls.
    func recovery(from point: Int, acknowledged: Bool) -> Scenario {
        let check = acknowledged ? checkAcknowledged : check
        return Scenario(
            name: "recovery of \(name), killed at \(point)", setup: setup,
            act: [act[0].hasPrefix("packs") ? "packs-recover" : "recover", act[1]],
            checkAcknowledged: check, check: check, failed: nil, interrupted: (act, point), isMovable: isMovable)
    }
}
