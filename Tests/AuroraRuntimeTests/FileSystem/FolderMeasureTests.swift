import AuroraSystem
import AuroraTestSupport
import Glibc
import Synchronization
import Testing

@testable import AuroraRuntime

/// What folders hold that somebody else writes to.
@Suite struct FolderMeasureTests {
    private static let plenty = FileUsage(bytes: 1 << 40, files: 1 << 30)
    /// As much as the disk sets aside for it.
    private static let block = String(repeating: "x", count: 4096)

    @Test(
        "everything counts: hidden and unfinished files, folders, links; a file with two names once; what is missing not"
    )
    func everything() throws {
        try withTemporaryDirectory { folder in
            try write(Self.block + Self.block, to: "\(folder)/a/file")
            try write(Self.block, to: "\(folder)/a/.hidden")
            try write(Self.block, to: "\(folder)/b/\(FileVolumeRules.reservedPrefix)x")
            try #require(link("\(folder)/a/file", "\(folder)/b/again") == 0)
            try DurableFile.symlink("/etc", at: "\(folder)/a/etc")
            let usage = try FileUsage.measured(
                below: ["\(folder)/a", "\(folder)/b", "\(folder)/missing"], upTo: Self.plenty)
            #expect(usage == FileUsage(bytes: 16384, files: 5))
        }
    }

    @Test(
        "the count stops above a limit, and says so",
        arguments: [
            (FileUsage(bytes: 12288, files: 3), false), (FileUsage(bytes: 12287, files: 3), true),
            (FileUsage(bytes: 12288, files: 2), true), (FileUsage(bytes: 0, files: 0), true),
        ])
    func limits(limit: FileUsage, isExceeded: Bool) throws {
        try withTemporaryDirectory { folder in
            for name in ["a", "b", "c"] { try write(Self.block, to: "\(folder)/\(name)") }
            let usage = try FileUsage.measured(below: [folder], upTo: limit)
            #expect((usage.bytes > limit.bytes || usage.files > limit.files) == isExceeded)
        }
    }

    @Test("room that was set aside without a size counts, and a size without room as well")
    func setAside() throws {
        try withTemporaryDirectory { folder in
            try write("", to: "\(folder)/aside")
            try #require(
                try Processes.run(
                    ProcessSpec(
                        executable: "/usr/bin/fallocate",
                        arguments: ["--keep-size", "--length", "1M", "\(folder)/aside"])
                ).isSuccess)
            let aside = try FileUsage.measured(below: [folder], upTo: Self.plenty)
            #expect(aside.bytes >= 1 << 20)
            let hole = try Descriptor.open("\(folder)/hole", [.writeOnly, .create])
            try #require(ftruncate(hole.rawValue, 1 << 30) == 0)
            let both = try FileUsage.measured(below: [folder], upTo: Self.plenty)
            #expect(both.bytes == aside.bytes + (1 << 30))
        }
    }

    @Test("a folder nested too deep is an error and not left out")
    func deep() throws {
        try withTemporaryDirectory { folder in
            var inner = try Descriptor.open(folder, [.readOnly, .directory])
            for _ in 0...FileTree.depthLimit + 1 {
                try #require(mkdirat(inner.rawValue, "d", 0o700) == 0)
                inner = try Descriptor.open("d", in: inner.rawValue, [.readOnly, .directory])
            }
            let error = #expect(throws: SystemError.self) {
                try FileUsage.measured(below: [folder], upTo: Self.plenty)
            }
            #expect(error?.errno == ENAMETOOLONG)
        }
    }

    @Test("folders that come and go while they are counted are no error")
    func racing() throws {
        try withTemporaryDirectory { folder in
            try write(Self.block, to: "\(folder)/stays")
            let isOver = Atomic(false)
            let racer = ServiceThread(name: "racer", stackSize: 512 << 10) {
                while !isOver.load(ordering: .relaxed) {
                    _ = mkdir("\(folder)/x", 0o700)
                    _ = mkdir("\(folder)/x/y", 0o700)
                    _ = rmdir("\(folder)/x/y")
                    _ = rmdir("\(folder)/x")
                    _ = symlink("/etc", "\(folder)/x")
                    _ = unlink("\(folder)/x")
                }
            }
            defer {
                isOver.store(true, ordering: .relaxed)
                racer?.join()
            }
            for _ in 0..<2000 {
                let usage = try FileUsage.measured(below: [folder], upTo: Self.plenty)
                try #require(usage.bytes == 4096 && (1...3).contains(usage.files))
            }
        }
    }
}
