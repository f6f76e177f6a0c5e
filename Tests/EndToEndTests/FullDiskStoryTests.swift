import AuroraPacks
import AuroraSystem
import AuroraTestSupport
import Glibc
import Testing

/// A device whose disk is full to the last block: a small tmpfs of its own.
@Suite(.enabled(if: geteuid() == 0, "mounting a small tmpfs needs root"))
struct FullDiskStoryTests {
    /// Gives `body` a device that has run once, with 160 MiB of disk.
    private func with(_ body: (CoreMachine) throws -> Void) throws {
        var mounted: String?
        defer { if let mounted { _ = try? run("/bin/umount", ["-l", mounted]) } }
        try CoreMachine.with { state in
            try FileTree.makeFolders(state, mode: 0o755)
            #expect(try run("/bin/mount", ["-t", "tmpfs", "-o", "size=160m,mode=0755", "tmpfs", state]).code == 0)
            mounted = state
        } _: { machine in
            try runOnce(machine)
            try body(machine)
        }
    }

    private func runOnce(_ machine: CoreMachine) throws {
        let core = try machine.startCore()
        #expect(try machine.allReady().count == 2)
        core.send(SIGTERM)
        #expect(try core.wait(timeout: .seconds(120)) == .exited(0))
    }

    /// Takes every block that is left.
    private func fill(_ path: String) throws {
        let file = try Descriptor.open(path, [.writeOnly, .create, .append])
        for size in [1 << 20, 4096] {
            let bytes = [UInt8](repeating: 1, count: size)
            let error = #expect(throws: SystemError.self) { while true { try file.write(all: bytes) } }
            #expect(error?.errno == ENOSPC)
        }
        #expect(try DiskSpace.available(at: path).bytes == 0)
    }

    private func isReserved(_ machine: CoreMachine) throws -> Bool {
        try FileStatus.ifExists(machine.places.reserve)?.allocated ?? 0 >= DiskReserve.size
    }

    @Test("what looks, collects and runs packs finds the room that was set aside, and sets it aside again later")
    func reserve() throws {
        try with { machine in
            #expect(try isReserved(machine))
            #expect(try machine.aurora("pack", "list").code == 0)
            try fill("\(machine.state)/filler")
            for words in [["pack", "list"], ["pack", "gc"], ["device", "log"], ["pack", "verify"]] {
                let ran = try run(Programs.aurora, words, environment: machine.environment)
                #expect(ran.code == 0, "\(words) \(ran)")
            }
            #expect(try !isReserved(machine))
            try runOnce(machine)
            #expect(try machine.aurora("pack", "gc").code == 0)
            #expect(try !isReserved(machine), "there is no plenty")
            try FileTree.remove("\(machine.state)/filler")
            #expect(try machine.aurora("pack", "gc").code == 0)
            #expect(try isReserved(machine))
        }
    }

    @Test("without any room every command says that the disk is full, what takes it and what to do")
    func nothingLeft() throws {
        try with { machine in
            try FileTree.remove(machine.places.reserve)
            // Whoever closes a database takes its write-ahead log away.
            #expect(try machine.aurora("pack", "list").code == 0)
            try fill("\(machine.state)/filler")
            for words in [["pack", "list"], ["pack", "gc"], ["device", "log"], ["start"]] {
                let ran = try run(Programs.aurora, words, environment: machine.environment)
                #expect(ran.code == 1, "\(words) \(ran)")
                #expect(ran.error.contains("The disk of \(machine.places.root) is full"), "\(ran)")
                #expect(ran.error.contains("then: aurora pack gc"), "\(ran)")
            }
            try FileTree.remove("\(machine.state)/filler")
            try runOnce(machine)
        }
    }

    @Test("what was refused for want of room is told, also when the log has no room for it")
    func refusal() throws {
        try with { machine in
            try write(String(repeating: "x", count: 20 << 20), to: "\(machine.places.data)/base/1/big")
            try FileTree.remove(machine.places.reserve)
            try fill("\(machine.state)/filler")
            // Enough to open the database, and not for an entry in its log.
            let size = try FileStatus.of("\(machine.state)/filler").size
            try #require(truncate("\(machine.state)/filler", off_t(size - 49_152)) == 0)
            let ran = try machine.aurora("pack", "export-data", "base", "--out", "/dev/shm/never")
            #expect(ran.code == 1)
            #expect(ran.error.contains("bytes are free") || ran.error.contains("are free."), "\(ran)")
            #expect(ran.error.contains("aurora pack gc"), "\(ran)")
        }
    }
}
