import AuroraModel
import AuroraPacks
import Testing

/// The sentences that a person reads, whole.
@Suite struct ExplanationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let known: [String]
        var installed: [String: String] = [:]
        var wanted: [String] = []
        var removed: [String] = []
        let text: String
    }

    static let cases = [
        Case(
            testDescription: "a pack nobody has", known: ["a 1.0.0"], wanted: ["b ^1"],
            text: """
                You asked for b ^1 (no version of b is known here).
                Stage b with `aurora pack stage`, or ask for something that does not need it.
                """),
        Case(
            testDescription: "a pack that is needed and nobody has", known: ["a 1.0.0: b ^2", "a 1.1.0: b ^2"],
            wanted: ["a"],
            text: """
                Because every version of a needs b ^2 (no version of b is known here) and you asked for a, what you asked for \
                cannot be done.
                Stage b with `aurora pack stage`, or ask for something that does not need it.
                """),
        Case(
            testDescription: "a version nobody has", known: ["a 1.0.0", "a 1.1.0", "a 1.2.0"], wanted: ["a ^2"],
            text: """
                You asked for a ^2 (known here: 1.0.0 to 1.2.0).
                Ask for other versions, stage more of them with `aurora pack stage`, or remove a pack that is in the way.
                """),
        Case(
            testDescription: "an installed pack in the way",
            known: ["a 1.0.0: b ^2", "b 1.0.0", "b 2.0.0", "c 1.0.0: b ^1"], installed: ["c": "1.0.0", "b": "1.0.0"],
            wanted: ["a"],
            text: """
                Because c 1.0.0 needs b ^1 and a 1.0.0 needs b ^2, a 1.0.0 and c 1.0.0 do not go together.
                And because c is installed, a 1.0.0 cannot be used.
                And because you asked for a, what you asked for cannot be done.
                Ask for other versions, stage more of them with `aurora pack stage`, or remove a pack that is in the way.
                """),
        Case(
            testDescription: "a pack that cannot go", known: ["a 1.0.0: b", "b 1.0.0"],
            installed: ["a": "1.0.0", "b": "1.0.0"], removed: ["b"],
            text: """
                Because a 1.0.0 needs b and you asked to remove b, a 1.0.0 cannot be used.
                And because a is installed, what you asked for cannot be done.
                Ask for other versions, stage more of them with `aurora pack stage`, or remove a pack that is in the way.
                """),
        Case(
            testDescription: "two that want different versions of a third",
            known: [
                "a 1.0.0: x ^1", "a 1.1.0: x ^1", "b 1.0.0: x ^2", "b 1.1.0: y", "y 1.0.0: x ^3", "x 1.0.0", "x 2.0.0",
                "x 3.0.0",
            ], wanted: ["a", "b"],
            text: """
                Because b 1.0.0 needs x ^2 and b 1.1.0 needs y, every version of b needs x 2.0.0 or y 1.0.0.
                And because y 1.0.0 needs x ^3, every version of b needs x 2.0.0 or 3.0.0.
                And because every version of a needs x ^1, a and b do not go together.
                And because you asked for b, a cannot be used.
                And because you asked for a, what you asked for cannot be done.
                Ask for other versions, stage more of them with `aurora pack stage`, or remove a pack that is in the way.
                """),
    ]

    @Test("a conflict is told in plain sentences that end with what to do", arguments: cases)
    func sentences(_ example: Case) {
        let error = #expect(throws: ResolutionFailure.self) {
            try resolve(
                example.known, installed: example.installed, wanted: example.wanted, removed: example.removed)
        }
        #expect(error?.description == example.text)
    }
}
