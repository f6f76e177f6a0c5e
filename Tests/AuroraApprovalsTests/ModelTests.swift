import AuroraApprovals
import AuroraDatabase
import AuroraModel
import AuroraTestSupport
import Testing

/// A random life of one hub against a model simple enough to believe: a set of people who said yes, a clock, a flag.
@Suite("Model: nothing starts without its quorum, nothing twice")
struct ModelTests {
    /// SplitMix64, so that a seed names a run.
    struct Random: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }

    /// What the model knows of one suggestion.
    struct Expected {
        let suggestion: Suggestion
        let isSigned: Bool
        var yes: [UserName: Timestamp] = [:]
        var no: Set<UserName> = []
        var isClosed = false
        var isUsed = false
    }

    @Test("random votes, expiries, role changes and replays", arguments: Array(UInt64(1)...24))
    func run(seed: UInt64) throws {
        try withTemporaryDirectory { folder in
            var random = Random(state: seed)
            let book = PolicyBook.setting(.core) { $0.approvers = 2 }
            let world = World(desk: try Desk(in: folder, policies: book))
            for step in 0..<120 {
                try world.step(&random, "seed \(seed), step \(step)")
            }
            world.desk.database.close()
        }
    }

    final class World {
        let desk: Desk
        var all: [Expected] = []
        var roles: [UserName: Role] = [:]
        var content: UInt8 = 2
        static let people = [Desk.rita, Desk.alice, Desk.bob, Desk.carol]

        init(desk: Desk) {
            self.desk = desk
            for person in World.people { roles[person] = person == Desk.rita ? .release : .approver }
        }

        func step(_ random: inout Random, _ place: String) throws {
            switch Int.random(in: 0..<10, using: &random) {
            case 0: try file(&random)
            case 1...4: vote(&random, .approve, place)
            case 5: if Int.random(in: 0..<4, using: &random) == 0 { vote(&random, .reject, place) }
            case 6: changeRole(&random)
            case 7: desk.clock.advance(seconds: Int64.random(in: 1...20_000, using: &random))
            default: start(&random, place)
            }
            compare(place)
        }

        func file(_ random: inout Random) throws {
            content &+= 1
            if content < 2 { content = 2 }
            let isSigned = Bool.random(using: &random)
            let plan = desk.plan(Desk.target(domain: isSigned ? .maritime : .core), content: content)
            let requester = World.people.randomElement(using: &random) ?? Desk.rita
            let filed = try desk.file(plan, by: requester)
            if !all.contains(where: { $0.suggestion.id == filed.id }) {
                all.append(Expected(suggestion: filed, isSigned: isSigned))
            }
        }

        func pick(_ random: inout Random) -> Int? { all.indices.randomElement(using: &random) }

        func vote(_ random: inout Random, _ decision: ApprovalStatement.Decision, _ place: String) {
            guard let index = pick(&random), let person = World.people.randomElement(using: &random) else { return }
            let expected = all[index]
            let isByKey = decision == .approve && Bool.random(using: &random)
            // Sometimes a statement made for another suggestion is handed in.
            let from = Int.random(in: 0..<5, using: &random) == 0 ? pick(&random) ?? index : index
            let life = Int64.random(in: 60...90_000, using: &random)
            let result: String
            var until = expected.suggestion.expires
            if isByKey {
                let statement = desk.statement(all[from].suggestion, by: person, notAfter: life)
                until = statement.notAfter
                result = code { try desk.hand(in: desk.envelope(statement), for: expected.suggestion, by: person) }
            } else {
                result = code { try desk.click(expected.suggestion, by: person, decision) }
            }
            let mayVote = roles[person] == .approver && isOpen(expected)
            let isRepeated = decision == .approve ? expected.yes[person] != nil : expected.no.contains(person)
            var isAllowed = mayVote && !isRepeated
            if decision == .approve {
                isAllowed = isAllowed && person != expected.suggestion.requestedBy
                isAllowed = isAllowed && (isByKey ? from == index : !expected.isSigned)
            }
            #expect((result == "accepted") == isAllowed, "\(place): \(result)")
            guard result == "accepted" else { return }
            if decision == .approve {
                all[index].yes[person] = until
            } else {
                all[index].no.insert(person)
                all[index].isClosed = true
            }
        }

        func changeRole(_ random: inout Random) {
            guard let person = World.people.randomElement(using: &random) else { return }
            let role: Role = Int.random(in: 0..<3, using: &random) == 0 ? .admin : .approver
            roles[person] = role
            desk.users.set(person, role: role, keys: [desk.publicKey(person)])
        }

        func start(_ random: inout Random, _ place: String) {
            guard let index = pick(&random) else { return }
            let mayStart = hasQuorum(all[index])
            let result = code { try desk.start(all[index].suggestion) }
            #expect((result == "accepted") == mayStart, "\(place): \(result)")
            if result == "accepted" { all[index].isUsed = true }
        }

        func isOpen(_ expected: Expected) -> Bool {
            !expected.isClosed && !expected.isUsed && desk.clock.now <= expected.suggestion.expires
        }

        func hasQuorum(_ expected: Expected) -> Bool {
            let counting = expected.yes.filter { roles[$0.key] == .approver && desk.clock.now <= $0.value }
            return isOpen(expected) && counting.count >= 2
        }

        /// After every step the check and the model must agree about every suggestion.
        func compare(_ place: String) {
            for expected in all {
                let verdict = try? desk.approvals.evaluate(expected.suggestion.id)
                #expect(verdict?.isApproved == hasQuorum(expected), "\(place): \(expected.suggestion.id)")
            }
        }
    }
}
