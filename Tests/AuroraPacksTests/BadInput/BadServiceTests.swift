import AuroraModel
import AuroraRuntime
import AuroraSandbox
import AuroraTestSupport
import Testing

@testable import AuroraPacks

/// The same programs where the core keeps packs running: it goes on with what was there before.
@Suite(
    "Bad input: programs of packs under the core",
    .enabled(if: SandboxIdentity.own.uid == 0, "rooms for packs need root here"))
struct BadServiceTests {
    /// A version that leaves a service running.
    private static let good = FieldPack(files: ["start.sh": "sleep 600 >/dev/null 2>&1 &"])

    /// How it ended, without what it said.
    private static func ending(_ script: BadScript) -> String { String(script.reason.split(separator: ";")[0]) }

    @Test("a start that goes wrong is taken back, and the old version runs again", arguments: BadScript.all)
    func start(_ script: BadScript) throws {
        let how = script.isEndless ? "did not end in time" : Self.ending(script)
        try failing("pack.entrypoint.start", script, "a is QUARANTINED: the start command \(how).")
    }

    @Test("a health check that goes wrong is taken back, and the old version runs again", arguments: BadScript.all)
    func health(_ script: BadScript) throws {
        try failing("pack.entrypoint.health", script, "a is QUARANTINED: not ready in time")
    }

    private func failing(_ field: String, _ script: BadScript, _ reason: String) throws {
        try withBench { bench in
            let upgrade = try Upgrade(bench, old: Self.good)
            let isHealth = field.hasSuffix("health")
            try upgrade.stage(bad: field, script, seconds: script.isEndless || isHealth ? 1 : 60)
            let approval = try upgrade.approval()
            let before = try upgrade.belongings(approval)
            try RunningCore.with(bench) { running in
                #expect(running.settled() == "READY ready")
                let told = upgrade.carryOut(approval, through: running)
                #expect(told.hasPrefix("rolledBack: a did not start: " + reason), "\(told)")
                let row = running.core.supervisor.status.first
                #expect(row?.state == .ready && row?.version == "0.9.0" && row?.processes.count == 1)
                let survivors = try upgrade.mark.processes()
                #expect(survivors.isEmpty)
            }
            let after = try upgrade.belongings(approval)
            #expect(after.active == before.active && after.data == before.data)
            #expect(!after.isApprovalFree && !after.isOpen && after.staging.isEmpty && after.processes.isEmpty)
        }
    }

    @Test("a stop that goes wrong is told in the log and holds no upgrade up", arguments: BadScript.all)
    func stop(_ script: BadScript) throws {
        try withBench { bench in
            var old = Self.good
            old.set("pack.entrypoint.stop", "bad.sh")
            old.set("pack.resources.processes", 100)
            old.set("pack.service.stop_timeout_seconds", script.isEndless ? 1 : 60)
            let mark = ProcessMark()
            old.files["bad.sh"] = script.marked(mark.text)
            let upgrade = try Upgrade(bench, old: old)
            try upgrade.stage(Self.good)
            let approval = try upgrade.approval()
            try RunningCore.with(bench) { running in
                #expect(running.settled() == "READY ready")
                #expect(upgrade.carryOut(approval, through: running) == "committed")
                let row = running.core.supervisor.status.first
                #expect(row?.state == .ready && row?.version == "1.0.0" && row?.processes.count == 1)
                #expect(try mark.processes().isEmpty)
                let said = try running.core.supervisor.logs.reader(of: "a").tail(1000).lines.map(\.text)
                let how = script.isEndless ? "was still running at its time limit" : Self.ending(script)
                #expect(said.contains("the stop command \(how)"), "\(said.suffix(5))")
            }
            #expect(try upgrade.belongings(approval).active == ["a 1.0.0"])
        }
    }
}
