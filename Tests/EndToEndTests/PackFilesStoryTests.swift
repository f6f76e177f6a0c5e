import AuroraPacks
import AuroraSystem
import AuroraTestSupport
import Glibc
import Testing

/// Looking, with the real program and as root, into what a pack has written.
@Suite struct PackFilesStoryTests {
    @Test("files are listed, shown, counted and copied; what a pack has planted leads nowhere and commands no terminal")
    func files() throws {
        try CoreMachine.with { machine in
            let data = "\(machine.places.data)/base/1"
            try write("red \u{1B}[31m\nline\n", to: "\(data)/state")
            try DurableFile.symlink("/etc/passwd", at: "\(data)/link")
            try #require(mkfifo("\(data)/pipe", 0o600) == 0)
            let bad: [CChar] = [0x78, CChar(bitPattern: 0xFF), 0]
            try #require(try makeFile(called: bad, in: data))
            let list = try machine.aurora("pack", "files", "base", "data")
            #expect(list.code == 0 && ["state", "link", "pipe"].allSatisfy(list.output.contains), "\(list)")
            let shown = try machine.aurora("pack", "files", "base", "data/state")
            #expect(shown.output == "red \u{FFFD}[31m\nline\n", "\(shown)")
            let usage = try machine.aurora("pack", "files", "base", "data", "--usage")
            #expect(usage.error.contains("about 1 files have names that cannot be shown"), "\(usage)")
            let link = try machine.aurora("pack", "files", "base", "data/link")
            #expect(link.code == 1 && link.error.contains("leads out of its folder"), "\(link)")
            let pipe = try machine.aurora("pack", "files", "base", "data/pipe")
            #expect(pipe.code == 1 && pipe.error.contains("a device, a pipe or a socket"), "\(pipe)")
            #expect(try machine.aurora("pack", "files", "base", "data/none").code == 3)
            #expect(try machine.aurora("pack", "files", "base", "../data").error.contains("a path does not go up"))
            #expect(try machine.aurora("pack", "files", "nobody").error.contains("nobody is not active here"))
            try copies(machine, data)
        }
    }

    private func copies(_ machine: CoreMachine, _ data: String) throws {
        let large = String(repeating: "0123456789abcdef", count: 200_000)
        try write(large, to: "\(data)/large")
        let out = "\(machine.state)/copy"
        let copy = try machine.aurora("pack", "files", "base", "data/large", "--out", out)
        #expect(copy.code == 0, "\(copy)")
        #expect(try readText(out) == large)
        #expect(try FileStatus.of(out).mode == 0o600)
        let again = try machine.aurora("pack", "files", "base", "data/large", "--out", out)
        #expect(again.code == 6 && again.error.contains("is there already"), "\(again)")
        let folder = try machine.aurora("pack", "files", "base", "data", "--out", "\(machine.state)/other")
        #expect(folder.code == 2 && folder.error.contains("/data is a folder"), "\(folder)")
        #expect(try FileStatus.ifExists("\(machine.state)/other") == nil)
    }

    /// Makes an empty file whose name is no text.
    private func makeFile(called name: [CChar], in folder: String) throws -> Bool {
        let open = try Descriptor.open(folder, [.readOnly, .directory])
        return mknodat(open.rawValue, name, S_IFREG | 0o600, 0) == 0
    }
}
