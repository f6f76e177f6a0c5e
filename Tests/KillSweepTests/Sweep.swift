import AuroraSystem
import Glibc
import Synchronization
import Testing

/// A scenario's act under many faults, each from the same beginning, and what is to be said of all of them together.
enum Sweep {
    /// How many faults were tried, of how many there are.
    struct Extent {
        var taken = 0
        var all = 0
        /// How many of ``taken`` are kills of which none was left out.
        var kills = 0

        static func += (left: inout Extent, right: Extent) {
            left = Extent(
                taken: left.taken + right.taken, all: left.all + right.all, kills: left.kills + right.kills)
        }

        /// Says what was left out, so that a sample is not mistaken for everything.
        func tell(_ what: String) {
            guard !Harness.isComplete else { return print("sweep: \(what): all \(taken) faults") }
            let every = kills == 0 ? "" : "every state that a kill can leave (\(kills)), and "
            let rest = "\(taken - kills) of \(all - kills) \(kills == 0 ? "faults" : "failing calls")"
            print("sweep: \(what): \(every)\(rest) (AURORA_SEED=\(Harness.seed))")
        }
    }

    // MARK: What is taken

    /// Every fault of an act, or what `make test` takes of them.
    static func run(_ scenario: Scenario) throws -> Extent {
        try run(scenario, faults(of: scenario, Harness.points(of: scenario)))
    }

    /// These faults: all, but a seeded sample where the scenario says so.
    static func run(_ scenario: Scenario, _ all: [Fault]) throws -> Extent {
        guard !Harness.isComplete, let size = scenario.sampleSize else {
            return try run(scenario, all, Extent(taken: all.count, all: all.count))
        }
        let some = sample(of: all, size)
        return try run(scenario, some, Extent(taken: some.count, all: all.count))
    }

    /// Every state that a kill can leave, and a seeded sample of the calls that fail; every fault when all are wanted.
    static func runEveryKill(of scenario: Scenario) throws -> Extent {
        let points = try Harness.points(of: scenario)
        let all = try faults(of: scenario, points)
        guard !Harness.isComplete else { return try run(scenario, all) }
        let kills = Fault.distinctKills(points)
        let failures = sample(of: Fault.failures(points), scenario.sampleSize ?? .max)
        let extent = Extent(
            taken: kills.count + failures.count, all: kills.count + Fault.failures(points).count, kills: kills.count)
        return try run(scenario, kills + failures, extent)
    }

    /// The recovery of what a kill at each of these points leaves, interrupted in its turn.
    ///
    /// - Parameter size: how many faults of each recovery `make test` takes; nil means every one.
    static func recovery(of scenario: Scenario, killedAt points: [Int], faults size: Int? = nil) throws -> Extent {
        let extent = Mutex(Extent())
        let bad = try Beginning.with(scenario) { beginning in
            Harness.inParallel(points) { point in
                try beginning.interrupted(at: point) { recovery, killed in
                    let all = try faults(of: recovery, Harness.points(of: recovery, from: killed))
                    let some = Harness.isComplete ? all : sample(of: all, size ?? .max, salt: point)
                    extent.withLock { $0 += Extent(taken: some.count, all: all.count) }
                    let bad = try some.compactMap { try verdict(recovery, $0, from: killed) }
                    return bad.isEmpty ? nil : "\(recovery.name): " + bad.joined(separator: "\n")
                }
            }
        }
        expectNone(bad, of: scenario, extent.withLock { $0 })
        return extent.withLock { $0 }
    }

    private static func faults(of scenario: Scenario, _ points: [String]) throws -> [Fault] {
        // A recovery may have nothing to do but to open its files.
        try #require(scenario.interrupted != nil || points.count > 7, "the preload library sees nothing")
        return Fault.all(points)
    }

    /// - Parameter salt: for samples of their own from the same seed.
    static func sample<Item>(of items: [Item], _ size: Int, salt: Int = 0) -> [Item] {
        var numbers = SeededNumbers(seed: Harness.seed &+ UInt64(salt))
        return Array(items.shuffled(using: &numbers).prefix(size))
    }

    // MARK: One run

    private static func run(_ scenario: Scenario, _ faults: [Fault], _ extent: Extent) throws -> Extent {
        let bad = try Beginning.with(scenario) { beginning in
            Harness.inParallel(faults) { try verdict(scenario, $0, from: beginning) }
        }
        expectNone(bad, of: scenario, extent)
        return extent
    }

    private static func expectNone(_ bad: [String], of scenario: Scenario, _ extent: Extent) {
        #expect(
            bad.isEmpty,
            "\(scenario.name), AURORA_SEED=\(Harness.seed): \(bad.count) bad of \(extent.taken):\n\(bad.joined(separator: "\n"))"
        )
    }

    /// What is wrong after a fault; nil when nothing is.
    static func verdict(_ scenario: Scenario, _ fault: Fault, from beginning: Beginning) throws -> String? {
        try beginning.withCopy { try verdict(scenario, fault, in: $0).map { "\(fault): \($0)" } }
    }

    /// Runs the interrupted act and judges what it left; nil means good.
    private static func verdict(_ scenario: Scenario, _ fault: Fault, in folder: String) throws -> String? {
        let act = try Harness.drive(scenario.act, in: folder, under: fault)
        let failure = String(decoding: act.errorOutput, as: UTF8.self)
        let acknowledged = Harness.acknowledged(act)
        var end = "failed"
        switch act.outcome {
        case .signalled(SIGKILL) where fault.isKill: end = "killed"
        case .exited(0): break
        case .exited(3) where !fault.isKill:
            if failure.isEmpty { return "failed without a word" }
            if let said = try leftBehind(scenario, fault, acknowledged, in: folder) { return "\(failure): \(said)" }
        default: return "ended with \(act.outcome): \(failure)"
        }
        let verb = (acknowledged == nil ? scenario.check : scenario.checkAcknowledged).map {
            $0 == "{acked}" ? "\(acknowledged ?? 0)" : $0 == "{end}" ? end : $0
        }
        let result = try Harness.drive(verb, in: folder)
        if result.isSuccess { return nil }
        let said = String(decoding: result.errorOutput + result.output, as: UTF8.self)
        return "\(act.outcome), \(failure) acknowledged \(acknowledged.map(String.init) ?? "nothing"): \(said)"
    }

    /// I-5: nothing was acknowledged, so the old state must hold at once, before any recovery.
    ///
    /// Once the disk refuses everything (sticky EIO) not even the way back can work; then the check that follows looks
    /// for either state.
    private static func leftBehind(
        _ scenario: Scenario, _ fault: Fault, _ acknowledged: Int?, in folder: String
    ) throws -> String? {
        guard !fault.endsTheDisk, acknowledged == nil, let failed = scenario.failed else { return nil }
        let look = try Harness.drive(failed, in: folder)
        return look.isSuccess ? nil : String(decoding: look.errorOutput, as: UTF8.self)
    }
}
