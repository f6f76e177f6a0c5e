import AuroraSystem
import AuroraTestSupport
import Glibc
import Testing

/// I-1, I-3, I-5, I-6, I-8: kill, tear and fail at every call that changes the disk.
///
/// Serialized because each test already uses both processors.
@Suite(.serialized) struct KillSweepTests {
    /// Every `step`-th number unless everything is asked for; the start moves with the mode, so that samples differ.
    private static func sample(_ count: Int, every step: Int, offset: Int) -> [Int] {
        guard count > 0 else { return [] }
        return Harness.isComplete ? Array(1...count) : Array(stride(from: 1 + offset % step, through: count, by: step))
    }

    /// Kill after call n leaves the same disk as kill before call n + 1, so CI takes all of one and a sample of the other.
    private static func interruptions(_ points: [String]) -> [Interruption] {
        let writes = points.indices.filter { points[$0].contains("write") }.map { $0 + 1 }
        return (1...points.count).map { .killBefore($0) }
            + sample(points.count, every: 9, offset: 8).map { .killAfter($0) } + [.killAfter(points.count)]
            + writes.map { .tear($0) }
            + sample(points.count, every: 2, offset: 0).map { .fail($0, errno: ENOSPC, isSticky: false) }
            + sample(points.count, every: 2, offset: 1).map { .fail($0, errno: EIO, isSticky: false) }
            + sample(points.count, every: 6, offset: 2).map { .fail($0, errno: ENOSPC, isSticky: true) }
            + sample(points.count, every: 6, offset: 5).map { .fail($0, errno: EIO, isSticky: true) }
    }

    @Test("I-1, I-5, I-6, I-8: old or new at every point, and recovery finishes the story", arguments: Scenario.all)
    func sweep(scenario: Scenario) throws {
        let points = try Harness.points(of: scenario)
        try #require(points.count > 7, "the preload library sees nothing")
        let bad = Harness.inParallel(Self.interruptions(points)) { interruption in
            try withTemporaryDirectory { folder in
                try Harness.prepare(scenario.setup, in: folder)
                return try Self.verdict(scenario, interruption, in: folder)
            }
        }
        #expect(bad.isEmpty, "\(bad.count) bad of \(Self.interruptions(points).count):\n\(bad.joined(separator: "\n"))")
    }

    /// Runs the interrupted act and judges what it left; nil means good.
    private static func verdict(_ scenario: Scenario, _ interruption: Interruption, in folder: String) throws -> String?
    {
        let act = try Harness.drive(scenario.act, in: folder, environment: interruption.environment)
        let failure = String(decoding: act.errorOutput, as: UTF8.self)
        let acknowledged = Harness.acknowledged(act)
        switch act.outcome {
        case .signalled(SIGKILL) where interruption.isKill: break
        case .exited(0): break
        case .exited(3) where !interruption.isKill:
            if failure.isEmpty { return "\(interruption): failed without a word" }
            // I-5: nothing was acknowledged, so the old tree must run. Once the disk refuses everything (sticky EIO) not
            // even the way back can work; then either tree is right, and the check below looks for that.
            if case .fail(_, EIO, true) = interruption { break }
            if acknowledged == nil, let failed = scenario.failed, try !Harness.drive(failed, in: folder).isSuccess {
                return "\(interruption): failed (\(failure)) and did not leave the old tree"
            }
        default: return "\(interruption): ended with \(act.outcome): \(failure)"
        }
        var check = acknowledged == nil ? scenario.check : scenario.checkAcknowledged
        if scenario.failed == nil { check.append("\(acknowledged ?? 0)") }
        let result = try Harness.drive(check, in: folder)
        if result.isSuccess { return nil }
        let said = String(decoding: result.errorOutput + result.output, as: UTF8.self)
        return
            "\(interruption): \(act.outcome), \(failure) acknowledged \(acknowledged.map(String.init) ?? "nothing"): \(said)"
    }

    @Test(
        "I-3: recovery killed at every point and run again comes to the same end",
        arguments: Scenario.all.filter { $0.act.first?.hasPrefix("promote") == true || $0.act.first == "rollback" })
    func nestedSweep(scenario: Scenario) throws {
        let points = try Harness.points(of: scenario)
        // From the first journal record on, an interruption gives recovery work to do.
        let first = points.firstIndex { $0.contains("journal") }.map { $0 + 1 } ?? 1
        let outer = Array(stride(from: first, through: points.count, by: Harness.isComplete ? 1 : 5))
        let bad = Harness.inParallel(outer) { point in
            var inner = 1
            while true {
                let (isKilled, verdict) = try Self.recoveryVerdict(scenario, point, inner)
                if let verdict { return verdict }
                if !isKilled { return nil }
                inner += Harness.isComplete ? 1 : 3
            }
        }
        #expect(bad.isEmpty, "\(bad.joined(separator: "\n"))")
    }

    private static func recoveryVerdict(
        _ scenario: Scenario, _ outer: Int, _ inner: Int
    ) throws -> (isKilled: Bool, verdict: String?) {
        try withTemporaryDirectory { folder in
            try Harness.prepare(scenario.setup, in: folder)
            let act = try Harness.drive(scenario.act, in: folder, environment: ["CRASH_AT": "\(outer)"])
            let kind = scenario.act[1]
            let recovery = try Harness.drive(["recover", kind], in: folder, environment: ["CRASH_AT": "\(inner)"])
            let check = Harness.acknowledged(act) == nil ? scenario.check : scenario.checkAcknowledged
            let result = try Harness.drive(check, in: folder)
            let isKilled = recovery.outcome == .signalled(SIGKILL)
            if result.isSuccess { return (isKilled, nil) }
            let said = String(decoding: result.errorOutput + result.output, as: UTF8.self)
            return (isKilled, "act killed at \(outer), recovery at \(inner): \(said)")
        }
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
            try withTemporaryDirectory { folder in
                try Harness.prepare(twin.setup, in: folder)
                _ = try Harness.drive(twin.act, in: folder, environment: ["TEAR_AT": "\(point)"])
                return try Harness.drive(twin.look, in: folder).outcome == .exited(1) ? "bad at \(point)" : nil
            }
        }
        #expect(!bad.isEmpty)
    }

    @Test("I-29: a target whose owner was killed can be opened at once")
    func lockAfterKill() throws {
        try withTemporaryDirectory { folder in
            try Harness.prepare(["setup", "link", "1"], in: folder)
            let act = try Harness.drive(["promote", "link", "2", "2"], in: folder, environment: ["CRASH_AT": "20"])
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
