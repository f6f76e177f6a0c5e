import AuroraRuntime
import Testing

@Suite struct ServiceHistoryTests {
    /// A repeatable source of numbers (SplitMix64).
    struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    /// A machine that is wrong in one way, and must be found out.
    struct Twin: CustomTestStringConvertible, Sendable {
        let testDescription: String
        var spoil: @Sendable (inout ServiceSettings) -> Void = { _ in }
        var drop: @Sendable (ServiceMachine.Input) -> Bool = { _ in false }
    }

    private static func settings(_ random: inout Random) -> ServiceSettings {
        var settings = ServiceSettings()
        settings.readiness = Bool.random(using: &random) ? .notify : .none
        settings.hasStartupProbe = Bool.random(using: &random)
        settings.watchdog = Bool.random(using: &random) ? .seconds(400) : nil
        settings.restart.budget = Int.random(in: 2...10, using: &random)
        return settings
    }

    private static func report(_ random: inout Random) -> ServiceMachine.Report {
        let statuses: [Int32] = [0, 0, 0, 0, 1, 75, 78]
        let exits: [ServiceExit] = [
            .exited(0), .exited(1), .exited(75), .exited(78), .signalled(9), .outOfMemory, .unknown,
        ]
        switch Int.random(in: 0..<16, using: &random) {
        case 0...4:
            return .started(.exited(statuses.randomElement(using: &random) ?? 0))
        case 5: return .started(.timedOut)
        case 6, 7: return .ready
        case 8, 9: return .ping
        case 10, 11: return .probed(.startup, passed: Int.random(in: 0..<3, using: &random) > 0, detail: "s")
        case 12: return .probed(.ready, passed: Bool.random(using: &random), detail: "r")
        case 13: return .probed(.live, passed: Int.random(in: 0..<5, using: &random) > 0, detail: "l")
        case 14: return .gone(exits.randomElement(using: &random) ?? .unknown)
        default: return .ended(survivors: 0)
        }
    }

    /// One random life: what comes in is plausible most of the time and nonsense now and then.
    private static func live(seed: UInt64, steps: Int, twin: Twin?) throws(Violation) {
        var random = Random(state: seed)
        let settings = settings(&random)
        var given = settings
        twin?.spoil(&given)
        var machine = ServiceMachine(settings: given, seed: seed)
        var checker = HistoryChecker(settings)
        var now = Duration.zero
        let pauses: [Duration] = [
            .zero, .milliseconds(1), .milliseconds(250), .seconds(2), .seconds(40), .seconds(700),
        ]
        var isEnding = false
        for _ in 0..<steps {
            var input = ServiceMachine.Input.clock
            let choice = Int.random(in: 0..<40, using: &random)
            switch choice {
            case 0, 1: input = .startAsked(.operatorAsked)
            case 2: input = .stopAsked(.operatorAsked)
            case 3: input = .report(attempt: machine.attempt - 1, report(&random))
            case 4...25: input = .report(attempt: machine.attempt, report(&random))
            default: now = max(now, min(machine.deadline ?? now, now + .seconds(4000)))
            }
            if isEnding, choice > 12 { input = .report(attempt: machine.attempt, .ended(survivors: 0)) }
            // A room that was not told to end does not report its end.
            if case .report(_, .ended) = input, !isEnding { input = .clock }
            now += pauses.randomElement(using: &random) ?? .zero
            let actions = twin?.drop(input) == true ? [] : machine.handle(input, at: now)
            for action in actions { if case .end = action { isEnding = true } }
            if case .report(machine.attempt, .ended) = input { isEnding = false }
            if actions.contains(where: { if case .begin = $0 { true } else { false } }) { isEnding = false }
            for action in actions.drop(while: { if case .begin = $0 { false } else { true } }) {
                if case .end = action { isEnding = true }
            }
            try checker.observe(input, actions, at: now)
            try checker.mustHaveBegun(at: now)
        }
    }

    private static func violation(seeds: Range<UInt64>, twin: Twin?) -> (seed: UInt64, Violation)? {
        for seed in seeds {
            do throws(Violation) { try live(seed: seed, steps: 250, twin: twin) } catch { return (seed, error) }
        }
        return nil
    }

    @Test func noHistoryBreaksAPromise() {
        let found = Self.violation(seeds: 1..<2001, twin: nil)
        #expect(found == nil, "seed \(found?.seed ?? 0): \(found?.1.description ?? "")")
    }

    @Test(arguments: [
        Twin(testDescription: "a backoff that never resets") { $0.restart.resetAfter = .seconds(100_000_000) },
        Twin(testDescription: "a delay without a cap") { $0.restart.cap = .seconds(100_000) },
        Twin(testDescription: "no budget") { $0.restart.budget = 1000 },
        Twin(testDescription: "a budget that is forgotten too soon") { $0.restart.window = .seconds(10) },
        Twin(testDescription: "ready without settling") { $0.settleTime = .zero },
        Twin(testDescription: "ready without a message") { $0.readiness = .none },
        Twin(testDescription: "ready without a probe") { $0.hasStartupProbe = false },
        Twin(
            testDescription: "ready with nothing alive",
            drop: { if case .report(_, .gone) = $0 { true } else { false } }),
        Twin(
            testDescription: "a stop that is not heard",
            drop: { if case .stopAsked = $0 { true } else { false } }),
        Twin(testDescription: "a clock that is not heard", drop: { $0 == .clock }),
    ])
    func aMachineThatIsWrongInOneWayIsFoundOut(_ twin: Twin) {
        #expect(Self.violation(seeds: 1..<2001, twin: twin) != nil)
    }
}
