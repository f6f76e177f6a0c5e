import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Glibc
import Testing

@testable import AuroraCommands

@Suite struct DeviceFileTests {
    /// A text of `device.yaml` that is refused, what is said of it after the file's name, and what to do about it.
    struct Mistake: Sendable {
        let text: String
        let problem: String
        let remedy: String

        init(_ text: String, _ problem: String, _ remedy: String) {
            (self.text, self.problem, self.remedy) = (text, problem, remedy)
        }
    }

    private static let head = "version: aurora-device-v1\n"
    private static let calendar = "every 24h (any number of hours), five fields as in crontab(5), or never"
    static let mistakes = [
        Mistake("name: x\n", ":1:1: version: is missing", "add for example \"version: aurora-device-v1\""),
        Mistake(
            head + "policy: {console: maybe}\n", ":2:19: policy.console: \"maybe\" is not one of accept, refuse",
            "write one of accept, refuse"),
        Mistake(
            head + "polcy: {}\nmounts: {maps: srv}\n",
            ":2:1: polcy: is not a known field; and 1 more: aurora doctor shows all", "did you mean \"policy\"?"),
        Mistake(
            head + "maintenance: {verify: every 0h}\n",
            ":2:23: maintenance.verify: \"every 0h\": 0 is no number of hours from 1 to 8760",
            "write never for what is not to be done"),
        Mistake(
            head + "maintenance: {collect: every 9000h}\n",
            ":2:24: maintenance.collect: \"every 9000h\": 9000 is no number of hours from 1 to 8760",
            "write a number of hours within it"),
        Mistake(
            head + "maintenance: {collect: every 3d}\n",
            ":2:24: maintenance.collect: \"every 3d\" names no whole number of hours", "write it such as every 24h"),
        Mistake(
            head + "maintenance: {verify: \"0 3 30 2 *\"}\n",
            ":2:23: maintenance.verify: \"0 3 30 2 *\", at its column 5: no such day is in any of the months",
            "give a day that one of the months has"),
        Mistake(
            head + "maintenance: {verify: 0 3 * *}\n",
            ":2:23: maintenance.verify: \"0 3 * *\", at its column 8: the day of the week is missing",
            "write five fields: minute, hour, day of the month, month, day of the week"),
        Mistake(
            head + "maintenance: {collect: daily}\n",
            ":2:24: maintenance.collect: \"daily\" is not \(calendar)", "write \(calendar)"),
    ]

    @Test(
        "a mistake in device.yaml is refused with its place, its reason and what to write, by every command",
        arguments: mistakes)
    func mistake(_ mistake: Mistake) throws {
        try withTemporaryDirectory { home in
            let bench = Bench(home: home, environment: ["AURORA_STATE": "\(home)/state"])
            let file = "\(home)/state/device/device.yaml"
            try FileTree.makeFolders("\(home)/state/device", mode: 0o755)
            try write(mistake.text, to: file)
            for command in [["pack", "list"], ["pack", "install", "a"], ["device", "log"], ["device", "jobs"]] {
                let ran = bench.run(command)
                #expect(ran.code == 2 && ran.output.isEmpty, "\(command): \(ran)")
                let lines = ran.error.split(separator: "\n").map(String.init)
                try #require(lines.count == 3, "\(command): \(ran)")
                #expect(lines[0] == "error: \(file)\(mistake.problem)")
                #expect(lines[1].hasPrefix("  why:  device.yaml decides what may happen on this device"))
                #expect(lines[2].hasPrefix("  next: \(mistake.remedy)"), "\(lines[2])")
            }
            #expect(bench.run("pack", "list", "--json").error.contains("\"device_configuration\""))
        }
    }

    @Test("a path is followed through links as far as it is there, and a circle of links is refused")
    func resolved() throws {
        try withTemporaryDirectory { home in
            let home = try LocalFile.resolved(home)
            try FileTree.makeFolders("\(home)/disk/state", mode: 0o755)
            for (link, target) in [("link", "disk"), ("far", "link/state"), ("none", "missing"), ("circle", "circle")] {
                #expect(symlink(target, "\(home)/\(link)") == 0)
            }
            #expect(try LocalFile.resolved("\(home)/link/state/device") == "\(home)/disk/state/device")
            #expect(try LocalFile.resolved("\(home)/far/a/b") == "\(home)/disk/state/a/b")
            #expect(try LocalFile.resolved("\(home)/new/device") == "\(home)/new/device")
            // What such a link leads to is not there: whoever makes the folder says so.
            #expect(try LocalFile.resolved("\(home)/none/device") == "\(home)/none/device")
            #expect(try LocalFile.resolved("/device-that-is-not-there") == "/device-that-is-not-there")
            #expect(try LocalFile.resolved("/") == "/")
            #expect { try LocalFile.resolved("\(home)/circle/device") } throws: { error in
                (error as? CommandError)?.code == "file_unreadable"
            }
        }
    }

    @Test("device.yaml is made for its owner alone, and the doctor names one that others may write or read")
    func deviceFile() throws {
        try withTemporaryDirectory { home in
            let bench = Bench(
                home: home, hub: FakeHub { _, _ in .json(["version": "0.1.0"]) },
                environment: ["AURORA_STATE": "\(home)/state"])
            let (folder, file) = ("\(home)/state/device", "\(home)/state/device/device.yaml")
            #expect(!bench.run("doctor").output.contains("device.yaml"))
            #expect(bench.run("device", "init").code == 0)
            let made = try FileStatus.of(file)
            #expect(made.mode == 0o600)
            var ran = bench.run("doctor")
            #expect(ran.code == 0 && ran.output.contains("\(file) is its owner's alone"), "\(ran)")
            chmod(file, 0o644)
            ran = bench.run("doctor")
            #expect(ran.code == 0 && ran.output.contains("others may read \(file)"), "\(ran)")
            chmod(file, 0o620)
            ran = bench.run("doctor")
            #expect(ran.code == 1 && ran.output.contains("others may write \(file)"), "\(ran)")
            #expect(ran.output.contains("chmod go-w \(file)"), "\(ran)")
            chmod(file, 0o600)
            chmod(folder, 0o777)
            ran = bench.run("doctor")
            #expect(ran.code == 1 && ran.output.contains("others may write \(folder),"), "\(ran)")
        }
    }
}
