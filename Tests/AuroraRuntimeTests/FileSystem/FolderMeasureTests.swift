import AuroraSystem
import AuroraTestSupport
import Glibc
import Synchronization
import Testing

@testable import AuroraRuntime

/// What folders hold that somebody else writes to.
@Suite struct FolderMeasureTests {
    private static let plenty = FileUsage(bytes: 1 << 40, files: 1 << 30)

    @Test(
        "everything counts: hidden and unfinished files, folders, links; a file with two names once; what is missing not"
    )
    func everything() throws {
        try withTemporaryDirectory { folder in
            try write("12345", to: "\(folder)/a/file")
            try write("123", to: "\(folder)/a/.hidden")
            try write("12", to: "\(folder)/b/\(FileVolumeRules.reservedPrefix)x")
            try #require(link("\(folder)/a/file", "\(folder)/b/again") == 0)
            try DurableFile.symlink("/etc", at: "\(folder)/a/etc")
            let usage = try FileUsage.measured(
                below: ["\(folder)/a", "\(folder)/b", "\(folder)/missing"], upTo: Self.plenty)
            #expect(usage == FileUsage(bytes: 10, files: 5))
        }
    }

    @Test(
        "the count stops above a limit, and says so",
        arguments: [
            (FileUsage(bytes: 30, files: 3), false), (FileUsage(bytes: 29, files: 3), true),
            (FileUsage(bytes: 30, files: 2), true), (FileUsage(bytes: 0, files: 0), true),
        ])
    func limits(limit: FileUsage, isExceeded: Bool) throws {
        try withTemporaryDirectory { folder in
            for name in ["a", "b", "c"] { try write("1234567890", to: "\(folder)/\(name)") }
            let usage = try FileUsage.measured(below: [folder], upTo: limit)
            #expect((usage.bytes > limit.bytes || usage.files > limit.files) == isExceeded)
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
            // Too deep for the harness to remove by path.
            try FolderUnnester.remove(folder)
        }
    }

    @Test("folders that come and go while they are counted are no error")
    func racing() throws {
        try withTemporaryDirectory { folder in
            try write("12345", to: "\(folder)/stays")
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
                #expect(usage.bytes == 5 && (1...3).contains(usage.files))
            }
        }
    }
}

/// Removes folders that are nested deeper than a path can name.
private enum FolderUnnester {
    static func remove(_ folder: String) throws {
        // One half at a time: what is inside comes up beside the outermost one.
        while true {
            var path = "\(folder)/d"
            guard access(path, F_OK) == 0 else { return }
            for _ in 0..<200 where access("\(path)/d", F_OK) == 0 { path += "/d" }
            if access("\(path)/d", F_OK) == 0 { try #require(rename("\(path)/d", "\(folder)/up") == 0) }
            while path.utf8.count > folder.utf8.count {
                _ = rmdir(path)
                path = String(path.dropLast(2))
            }
            guard access("\(folder)/up", F_OK) == 0 else { return }
            try #require(rename("\(folder)/up", "\(folder)/d") == 0)
        }
    }
}
