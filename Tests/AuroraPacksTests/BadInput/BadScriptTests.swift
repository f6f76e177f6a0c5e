import AuroraModel
import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import Testing

@testable import AuroraPacks

/// Programs of packs that hang, flood, fork, do not end, leave something behind or fail: told exactly, and nothing is lost.
@Suite("Bad input: programs of packs", .enabled(if: SandboxIdentity.own.uid == 0, "rooms for packs need root here"))
struct BadScriptTests {
    /// A program of a pack, and how its failure shows.
    struct Place: Sendable, CustomTestStringConvertible {
        let field: String
        /// What comes before the reason.
        var told = "a: bad.sh "
        /// Whether it runs after the switch, so that the approval has been used.
        var isLate = false
        var isRehearsal = false
        var testDescription: String { isRehearsal ? "\(field) --dry-run" : field }
    }

    static let places = [
        Place(field: "pack.entrypoint.install", told: "The dry run failed: a: bad.sh ", isRehearsal: true),
        Place(field: "pack.entrypoint.install"), Place(field: "pack.hooks.migrate"),
        Place(field: "pack.hooks.pre_activate"),
        Place(field: "pack.hooks.post_activate", told: "rolledBack: a did not start: a: bad.sh ", isLate: true),
        Place(field: "pack.entrypoint.start", told: "rolledBack: a did not start: a: bad.sh ", isLate: true),
        Place(field: "pack.entrypoint.health", told: "rolledBack: a is not healthy: bad.sh ", isLate: true),
    ]

    @Test("is told in so many words, and everything is as it was", arguments: BadScript.all, places)
    func failure(_ script: BadScript, _ place: Place) throws {
        try withBench { bench in
            let upgrade = try Upgrade(bench)
            // A health check is asked until its time is over, whatever it says.
            let seconds = script.isEndless ? 1 : place.field.hasSuffix("health") ? 4 : 60
            try upgrade.stage(bad: place.field, script, seconds: seconds)
            let approval = try upgrade.approval()
            let before = try upgrade.belongings(approval)
            #expect(before.active == ["a 0.9.0"] && before.data == Upgrade.data)

            let told = upgrade.carryOut(approval, rehearsing: place.isRehearsal)
            let isMode = place.field.hasSuffix("install") && script.reason.hasSuffix("exit status 3")
            let reason = isMode ? "does not know the mode it was called with (exit status 3)" : script.reason
            #expect(told == place.told + reason + (place.isRehearsal ? "." : ""))

            let after = try upgrade.belongings(approval)
            #expect(after.active == before.active)
            #expect(after.data == before.data)
            #expect(after.isApprovalFree == !place.isLate)
            #expect(!after.isOpen && after.staging.isEmpty && after.processes.isEmpty, "\(after)")
        }
    }

    @Test("a stop that goes wrong holds nothing up: what it did not end is ended", arguments: BadScript.all)
    func stop(_ script: BadScript) throws {
        try withBench { bench in
            let upgrade = try Upgrade(bench)
            try upgrade.stage(bad: "pack.entrypoint.stop", script, seconds: script.isEndless ? 1 : 60)
            let approval = try upgrade.approval()
            #expect(upgrade.carryOut(approval) == "committed")
            let after = try upgrade.belongings(approval)
            #expect(after.active == ["a 1.0.0"] && !after.isApprovalFree)
            #expect(!after.isOpen && after.staging.isEmpty && after.processes.isEmpty, "\(after)")
        }
    }

    @Test("daemons of a program that ends well end with its room", arguments: places)
    func daemons(_ place: Place) throws {
        try withBench { bench in
            let upgrade = try Upgrade(bench)
            let mark = upgrade.mark.text
            var pack = FieldPack(
                [("pack.safety.dry_run_supported", true)],
                files: ["bad.sh": "setsid -f sleep \(mark); (trap '' TERM; exec sleep \(mark)) &\nexit 0"])
            pack.set(place.field, "bad.sh")
            try upgrade.stage(pack)
            let approval = try upgrade.approval()
            let told = upgrade.carryOut(approval, rehearsing: place.isRehearsal)
            #expect(told == (place.isRehearsal ? "rehearsed" : "committed"))
            #expect(try upgrade.belongings(approval).processes.isEmpty)
        }
    }

    static let fields = [
        "pack.entrypoint.install", "pack.entrypoint.start", "pack.entrypoint.stop", "pack.entrypoint.health",
        "pack.hooks.migrate", "pack.hooks.pre_activate", "pack.hooks.post_activate",
    ]

    @Test("a program that is missing is refused with its field when the pack is staged", arguments: fields)
    func missing(_ field: String) throws {
        try withBench { bench in
            let trial = FieldTrial(bench, FieldPack([(field, "gone.sh")]))
            let folder = "\(bench.folder)/missing"
            try trial.pack.write(to: folder)
            let refusal = try #require(throws: Refusal.self) {
                try bench.use { _ = try $0.stage(.folder(folder), by: TestBench.ada) }
            }
            #expect(refusal.code == "pack_invalid")
            #expect(
                refusal.message.hasSuffix(
                    "\(field): gone.sh is not in the pack; next: add the file, or name another one"),
                "\(refusal.message)")
            #expect(try bench.use { try $0.list().isEmpty })
        }
    }

    @Test("a program that is not executable is made so when it is staged, and runs", arguments: fields)
    func notExecutable(_ field: String) throws {
        try withBench { bench in
            let upgrade = try Upgrade(bench)
            // Not named as a script is, so it is written without its execute bit.
            var pack = FieldPack(files: ["plain": "#!/bin/bash\necho ran >> packs/data/ran\n"])
            pack.set(field, "plain")
            try upgrade.stage(pack)
            #expect(upgrade.carryOut(try upgrade.approval()) == "committed")
            #expect(try bench.data("a", "ran")?.hasPrefix("ran\n") == true)
        }
    }

    @Test("a program that goes missing behind the device's back is told, and the change is taken back")
    func goneFromStore() throws {
        try withBench { bench in
            let upgrade = try Upgrade(bench)
            try upgrade.stage(FieldPack([("pack.data.snapshot", "always")]))
            let approval = try upgrade.approval()
            let tree = try bench.use { installer in
                try #require(try installer.list().first { "\($0.version)" == "1.0.0" }).path
            }
            try FileTree.remove("\(tree)/install.sh")
            let told = upgrade.carryOut(approval)
            #expect(told.contains("install.sh"), "\(told)")
            let after = try upgrade.belongings(approval)
            #expect(after.active == ["a 0.9.0"] && after.data == Upgrade.data)
            #expect(!after.isOpen && after.staging.isEmpty)
        }
    }
}
