import AuroraSystem
import AuroraTestSupport
import Glibc
import Testing

/// Changes of a device's packs, which promise what a single target promises, and the same of their data.
extension KillSweepTests {
    @Test(
        "I-1: packs are of one generation and find data of their own schema, wherever a change of them is interrupted",
        arguments: Scenario.packs)
    func packs(scenario: Scenario) throws {
        try Sweep.runEveryKill(of: scenario).tell(scenario.name)
    }

    @Test(
        "I-1: a pack has its old data or those put in place, whole and with an entry, wherever that is interrupted",
        arguments: Scenario.packData)
    func packData(scenario: Scenario) throws {
        try Sweep.runEveryKill(of: scenario).tell(scenario.name)
    }

    /// That recovery comes to a good end after every kill is what ``packs(scenario:)`` checks.
    @Test(
        "I-3: the recovery of packs, interrupted and run again, comes to the same end",
        arguments: Scenario.packs + Scenario.packData)
    func packsRecovery(scenario: Scenario) throws {
        let states = Fault.changes(try Harness.points(of: scenario))
        let extent = try Sweep.recovery(of: scenario, killedAt: states, faults: 1)
        #expect(extent.taken >= states.count && extent.all > 10 * states.count, "the preload library sees nothing")
        extent.tell("recovery of \(scenario.name), interrupted once after each of \(states.count) kills")
    }

    @Test("a disk that is full when the database of a killed device is opened takes nothing of it away")
    func fullDiskAtOpening() throws {
        let scenario = try #require(Scenario.packs.last)
        // In the middle of a checkpoint only the write-ahead log has everything.
        let points = try Harness.points(of: scenario)
        let last = try #require(points.lastIndex { $0.hasPrefix("pwrite") && $0.hasSuffix("/device.db") })
        try Beginning.with(scenario) { beginning in
            try beginning.interrupted(at: last + 1) { recovery, killed in
                let calls = try Harness.points(of: recovery, from: killed)
                let index = try #require(calls.firstIndex { $0.hasPrefix("ftruncate") && $0.hasSuffix("-shm") })
                let full = Fault(interruption: .fail(index + 1, errno: ENOSPC, isSticky: true))
                #expect(try Sweep.verdict(recovery, full, from: killed) == nil)
            }
        }
    }

    @Test("the sweep finds packs whose hook changes data without a copy, or it would be blind")
    func badPacks() throws {
        let scenario = Scenario(
            name: "no snapshot", setup: ["packs-setup", "bad", "1"], act: ["packs-install", "bad", "2"],
            checkAcknowledged: [], check: [], failed: nil, isMovable: true)
        let points = try Harness.points(of: scenario)
        // From the hook's first write on: the one file that packs change in place.
        let hook = try #require(points.firstIndex { $0.contains("/data/sweep-data/") && $0.hasSuffix("/state") })
        let bad = try Beginning.with(scenario) { beginning in
            Harness.inParallel(Array(hook + 1...min(hook + 6, points.count))) { point in
                try beginning.withCopy { folder in
                    _ = try Harness.drive(scenario.act, in: folder, under: Fault(interruption: .killAfter(point)))
                    let verdict = try Harness.drive(["packs-check", "bad", "1", "2"], in: folder)
                    return verdict.outcome == .exited(1) ? "bad at \(point)" : nil
                }
            }
        }
        #expect(!bad.isEmpty)
    }
}
