import AuroraModel
import AuroraPacks
import AuroraSystem
import AuroraTestSupport
import Glibc
import Testing

/// Data of packs that a real core runs, written into archives and put in place by command.
@Suite struct DataStoryTests {
    @Test func dataOfARunningPackGoIntoAnArchiveAndComeBack() throws {
        try CoreMachine.with { machine in
            let core = try machine.startCore()
            defer {
                core.send(SIGTERM)
                _ = try? core.wait(timeout: .seconds(120))
            }
            let first = try #require(CoreMachine.pid(try machine.allReady()["app"]))
            let (folder, archive) = ("\(machine.places.data)/base/1", "\(machine.state)/base.tar")
            try write("one", to: "\(folder)/state", mode: 0o600)

            let export = try machine.aurora("pack", "export-data", "base", "--out", archive)
            #expect(export.code == 0, "\(export)")
            #expect(try FileStatus.of(archive).mode == 0o600)
            // What needs it was stopped as well, and both run again.
            #expect(CoreMachine.isGone(first))
            #expect(try machine.allReady().count == 2)
            let again = try machine.aurora("pack", "export-data", "base", "--out", archive)
            #expect(again.code == 6 && again.error.contains("is there already"), "\(again)")
            let tar = try run("/usr/bin/tar", ["-tf", archive], environment: machine.environment)
            #expect(tar.output.split(separator: "\n").contains("data/state"), "\(tar)")

            try write("two", to: "\(folder)/state")
            let wrong = try machine.aurora("pack", "import-data", "app", archive, "--reason", "x")
            #expect(wrong.code != 0 && wrong.error.contains("These are data of base, not of app"), "\(wrong)")
            let imported = try machine.aurora("pack", "import-data", "base", archive, "--reason", "a test")
            #expect(imported.code == 0, "\(imported)")
            #expect(try readText("\(folder)/state") == "one")
            let (owner, file) = (try FileStatus.of(folder), try FileStatus.of("\(folder)/state"))
            #expect(file.uid == owner.uid && file.gid == owner.gid && file.mode == 0o600 && owner.mode == 0o700)
            #expect(try machine.allReady().count == 2)
            let list = try machine.aurora("pack", "data", "base")
            #expect(list.output.contains("put aside, can be taken back"), "\(list)")

            let restored = try machine.aurora("pack", "restore-data", "base", "--reason", "a test")
            #expect(restored.code == 0, "\(restored)")
            #expect(try readText("\(folder)/state") == "two")
            let log = try machine.aurora("device", "log", "--lines", "50")
            for act in ["pack.data-export", "pack.data-import", "pack.data-restore"] {
                #expect(log.output.contains(act), "\(log)")
            }
            #expect(try machine.allReady().count == 2)
        }
    }
}
