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
        try Sweep.run(scenario).tell(scenario.name)
    }

    @Test(
        "I-1, I-7: an upload is stored whole, stays resumable or leaves nothing, wherever it is interrupted",
        arguments: Scenario.uploads)
    func upload(scenario: Scenario) throws {
        try Sweep.run(scenario).tell(scenario.name)
    }

    @Test("I-1, I-7, I-12: a release is staged whole or not at all, wherever stage or its child is interrupted")
    func stage() throws {
        let child = try Fault.all(Harness.points(of: .stage, in: .unpackChild), in: .unpackChild)
        try #require(child.count > 10, "the preload library sees nothing in the child")
        try Sweep.run(.stage).tell("stage")
        try Sweep.run(.stage, child).tell("stage, in the child")
    }

    @Test(
        "I-3, I-5, I-6: recovery interrupted at every point and run again comes to the same end",
        arguments: Scenario.targets)
    func recovery(scenario: Scenario) throws {
        let points = try Harness.points(of: scenario)
        // Before the first journal record there is nothing to recover.
        let journal = try #require(points.firstIndex { $0.contains("journal") })
        let states = Fault.changes(points).filter { $0 > journal + 1 }
        let extent = try Sweep.recovery(of: scenario, killedAt: states)
        #expect(extent.taken > 10, "the preload library sees nothing of recovery")
        extent.tell("recovery of \(scenario.name), after \(states.count) kills")
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
