import AuroraSystem
import AuroraTestSupport
import Glibc
import Testing

/// Kill, tear and fail at every call that changes the disk.
///
/// Serialized because each test already uses both processors.
@Suite(.serialized) struct KillSweepTests {
    @Test(
        "I-1, I-5, I-6, I-8: old or new at every point, and recovery finishes the story",
        arguments: Scenario.targets + [Scenario.audit])
    func sweep(scenario: Scenario) throws {
        try Self.sweep(scenario, Self.faults(of: scenario)).tell(scenario.name)
    }

    @Test(
        "I-1, I-7: an upload is stored whole, stays resumable or leaves nothing, wherever it is interrupted",
        arguments: Scenario.uploads)
    func upload(scenario: Scenario) throws {
        try Self.sweep(scenario, Self.faults(of: scenario)).tell(scenario.name)
    }

    @Test("I-1, I-7, I-12: a release is staged whole or not at all, wherever stage or its child is interrupted")
    func stage() throws {
        let child = try Fault.all(Harness.points(of: .stage, in: .unpackChild), in: .unpackChild)
        try #require(child.count > 10, "the preload library sees nothing in the child")
        try Self.sweep(.stage, Self.faults(of: .stage)).tell("stage")
        try Self.sweep(.stage, child).tell("stage, in the child")
    }

    @Test(
        "I-3, I-5, I-6: recovery interrupted at every point and run again comes to the same end",
        arguments: Scenario.targets)
    func recovery(scenario: Scenario) throws {
        let states = Self.crashStates(try Harness.points(of: scenario))
        var extent = Extent()
        for point in states {
            let recovery = try Harness.withFolder { folder in
                var killed = scenario.recovery(from: point, acknowledged: false)
                killed = scenario.recovery(
                    from: point, acknowledged: try Harness.prepare(killed, in: folder) != nil)
                return killed
            }
            extent += try Self.sweep(recovery, Self.faults(of: recovery))
        }
        #expect(extent.taken > 10, "the preload library sees nothing of recovery")
        extent.tell("recovery of \(scenario.name), after \(states.count) kills")
    }

    @Test(
        "I-1: packs are of one generation and find data of their own schema, wherever a change of them is interrupted",
        arguments: Scenario.packs)
    func packs(scenario: Scenario) throws {
        try Self.sweep(scenario, Self.faults(of: scenario)).tell(scenario.name)
    }

    @Test(
        "I-3: the recovery of packs, interrupted and run again, comes to the same end", arguments: Scenario.packs)
    func packsRecovery(scenario: Scenario) throws {
        var numbers = SeededNumbers(seed: Harness.seed)
        let states = Self.crashStates(try Harness.points(of: scenario)).shuffled(using: &numbers)
        var extent = Extent()
        for point in Harness.isComplete ? states[...] : states.prefix(4) {
            var recovery = scenario.recovery(from: point, acknowledged: false)
            recovery.sampleSize = 8
            extent += try Self.sweep(recovery, Self.faults(of: recovery))
        }
        #expect(extent.taken > 10, "the preload library sees nothing of recovery")
        extent.tell("recovery of \(scenario.name), after some of \(states.count) kills")
    }

    @Test("the sweep finds packs whose hook changes data without a copy, or it would be blind")
    func badPacks() throws {
        let scenario = Scenario(
            name: "no snapshot", setup: ["packs-setup", "bad", "1"], act: ["packs-install", "bad", "2"],
            checkAcknowledged: [], check: [], failed: nil)
        let points = try Harness.points(of: scenario)
        // From the hook's first write on: the one file that packs change in place.
        let hook = try #require(points.firstIndex { $0.contains("/data/sweep-data/") && $0.hasSuffix("/state") })
        let bad = Harness.inParallel(Array(hook + 1...min(hook + 6, points.count))) { point in
            try Harness.withFolder { folder in
                try Harness.prepare(scenario, in: folder)
                _ = try Harness.drive(scenario.act, in: folder, under: Fault(interruption: .killAfter(point)))
                let verdict = try Harness.drive(["packs-check", "bad", "1", "2"], in: folder)
                return verdict.outcome == .exited(1) ? "bad at \(point)" : nil
            }
        }
        #expect(!bad.isEmpty)
    }

    /// The calls from the first journal record on before which a kill leaves a disk that no earlier kill leaves.
    ///
    /// Syncs change nothing that a kill can take away.
    private static func crashStates(_ points: [String]) -> [Int] {
        let first = points.firstIndex { $0.contains("journal") } ?? 0
        return points.indices.filter { $0 > first && !points[$0 - 1].prefix { $0 != " " }.hasSuffix("sync") }
            .map { $0 + 1 }
    }

    // MARK: What is taken

    /// Every fault of an act.
    private static func faults(of scenario: Scenario) throws -> [Fault] {
        let points = try Harness.points(of: scenario)
        // A recovery may have nothing to do but to open its files.
        try #require(scenario.interrupted != nil || points.count > 7, "the preload library sees nothing")
        return Fault.all(points)
    }

    /// What `make test` takes of them: all, but a seeded sample where the scenario says so.
    private static func some(of faults: [Fault], _ scenario: Scenario) -> [Fault] {
        guard !Harness.isComplete, let size = scenario.sampleSize else { return faults }
        var numbers = SeededNumbers(seed: Harness.seed)
        return Array(faults.shuffled(using: &numbers).prefix(size))
    }

    /// How many faults were tried, of how many there are.
    private struct Extent {
        var taken = 0
        var all = 0

        static func += (left: inout Extent, right: Extent) {
            left = Extent(taken: left.taken + right.taken, all: left.all + right.all)
        }

        /// Says what was left out, so that a sample is not mistaken for everything.
        func tell(_ what: String) {
            guard !Harness.isComplete else { return }
            print("sweep: \(what): \(taken) of \(all) faults (AURORA_SEED=\(Harness.seed))")
        }
    }

    // MARK: One run

    /// Tries these faults, or some of them.
    private static func sweep(_ scenario: Scenario, _ all: [Fault]) throws -> Extent {
        let faults = some(of: all, scenario)
        let bad = Harness.inParallel(faults) { fault in
            try Harness.withFolder { folder in
                try Harness.prepare(scenario, in: folder)
                return try verdict(scenario, fault, in: folder).map { "\(fault): \($0)" }
            }
        }
        #expect(
            bad.isEmpty,
            "\(scenario.name), AURORA_SEED=\(Harness.seed): \(bad.count) bad of \(faults.count):\n\(bad.joined(separator: "\n"))"
        )
        return Extent(taken: faults.count, all: all.count)
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

    struct Twin: CustomTestStringConvertible, Sendable {
        let name: String
        let setup: [String]
        let act: [String]
        let look: [String]
        var testDescription: String { name }
    }

    @Test(
        "the sweep finds bad ways of doing it, or it would be blind",
        arguments: [
            Twin(
                name: "copy over (defects 6 and 7)", setup: ["seed", "link"], act: ["bad-copy", "link", "1", "1"],
                look: ["look", "link", "0", "1"]),
            Twin(
                name: "rewrite in place", setup: ["bad-rewrite", "link", "0", "0"],
                act: ["bad-rewrite", "link", "1", "1"],
                look: ["look-file", "link", "0", "1"]),
        ])
    func knownBadTwin(twin: Twin) throws {
        let scenario = Scenario(
            name: twin.name, setup: twin.setup, act: twin.act, checkAcknowledged: [], check: [], failed: nil)
        let points = try Harness.points(of: scenario)
        let bad = Harness.inParallel(Array(1...points.count)) { point in
            try Harness.withFolder { folder in
                try Harness.prepare(scenario, in: folder)
                _ = try Harness.drive(twin.act, in: folder, under: Fault(interruption: .tear(point)))
                return try Harness.drive(twin.look, in: folder).outcome == .exited(1) ? "bad at \(point)" : nil
            }
        }
        #expect(!bad.isEmpty)
    }

    @Test("I-29: a target whose owner was killed can be opened at once")
    func lockAfterKill() throws {
        try Harness.withFolder { folder in
            try Harness.prepare(["setup", "link", "1"], in: folder)
            let act = try Harness.drive(
                ["promote", "link", "2", "2"], in: folder, under: Fault(interruption: .killBefore(20)))
            #expect(act.outcome == .signalled(SIGKILL))
            let again = try Harness.drive(["promote", "link", "2", "2"], in: folder)
            #expect(Harness.acknowledged(again) == 2)
        }
    }

    @Test(
        "promise 1: a switch makes as many calls for a large tree as for a small one", arguments: ["link", "directory"])
    func costOfSwitch(kind: String) throws {
        func calls(_ version: String) throws -> [String] {
            let points = try Harness.points(
                of: Scenario(
                    name: "size", setup: ["setup", kind, "1"], act: ["promote", kind, version, version],
                    checkAcknowledged: [], check: [], failed: nil))
            // From the reservation of journal space to the second record after it: intent, commit.
            let start = try #require(points.firstIndex { $0.hasPrefix("fallocate") })
            let syncs = points.indices.filter { $0 > start && points[$0].hasPrefix("fdatasync") }
            return points[start...(try #require(syncs.dropFirst().first))].map {
                String($0.prefix { $0 != " " })
            }
        }
        let (small, large) = (try calls("2"), try calls("1000"))
        #expect(small == large)
        #expect(small.count < 25)
    }

    @Test("durable replace: file, rename and folder reach the disk in this order")
    func directorySync() throws {
        let points = try Harness.points(
            of: Scenario(
                name: "manifest", setup: ["setup", "link", "1"], act: ["promote", "link", "2", "2"],
                checkAcknowledged: [], check: [], failed: nil))
        let manifest = try #require(points.firstIndex { $0.hasPrefix("openat") && $0.contains(".manifest.") })
        let calls = points[manifest...].prefix(6).map { $0.split(separator: " ").first.map(String.init) ?? "" }
        #expect(calls == ["openat", "fchmod", "write", "fsync", "renameat", "fsync"])
        #expect(points[manifest + 5].hasSuffix("/store"))
    }
}
