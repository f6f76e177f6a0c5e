import AuroraTestSupport
import Glibc
import Testing

@testable import AuroraSystem

@Suite struct LiveCopyTests {
    private func name(_ text: String, _ byte: UInt8) -> FileName { FileName(bytes: Array(text.utf8) + [byte]) }

    /// Renames `old` below `folder` to a name that is no text.
    private func rename(_ old: String, to new: FileName, in folder: String) throws {
        let directory = try FileTree.open(folder)
        try #require(new.withUnsafePointer { renameat(directory.rawValue, old, directory.rawValue, $0) } == 0)
    }

    @Test func `names and texts of links are copied by their bytes, modes are kept, what is left out is not there`()
        throws
    {
        try withTemporaryDirectory { folder in
            let (source, copy) = ("\(folder)/a", "\(folder)/b")
            try write("one", to: "\(source)/deep/file", mode: 0o640)
            try write("two", to: "\(source)/deep/other", mode: 0o755)
            try write("x", to: "\(source)/cache/x")
            let directory = try FileTree.open("\(source)/deep")
            let text = FileName(bytes: [0x2e, 0x2f, 0xfe])
            try #require(text.withUnsafePointer { symlinkat($0, directory.rawValue, "link") } == 0)
            try rename("file", to: name("f", 0xff), in: "\(source)/deep")
            try rename("deep", to: name("d", 0xff), in: source)
            try FileTree.open(source).setMode(0o750)

            let made = try LiveCopy(of: source, to: copy) { $0 == "cache" }
            #expect(made.omissions.isEmpty && made.omissionCount == 0)
            #expect(try FileStatus.of(copy).mode == 0o750)
            #expect(try DirectoryNames.read(in: copy) == [name("d", 0xff)])
            let root = try FileTree.open(copy)
            let deep = try name("d", 0xff).openFolder(in: root.rawValue)
            #expect(try DirectoryNames.read(deep.rawValue).map(\.escaped) == ["f\\xff", "link", "other"])
            #expect(try name("f", 0xff).open(in: deep.rawValue, [.readOnly]).readAll() == Array("one".utf8))
            #expect(try name("f", 0xff).statusIfExists(in: deep.rawValue)?.mode == 0o640)
            #expect(try FileName(bytes: Array("link".utf8)).linkText(in: deep.rawValue) == text.bytes)
            #expect(try FileStatus.of("other", in: deep.rawValue).mode == 0o755)
        }
    }

    @Test func `what goes or is replaced right before it is copied is passed over, and no link is followed`() throws {
        try withTemporaryDirectory { folder in
            let (source, copy) = ("\(folder)/a", "\(folder)/b")
            try write("no", to: "\(folder)/outside/secret")
            for name in ["gone", "linked", "folded", "kept"] { try write("1", to: "\(source)/\(name)") }
            for name in ["empty", "exchanged", "filed"] { try write("1", to: "\(source)/\(name)/x") }
            try DurableFile.symlink("kept", at: "\(source)/link")
            try DurableFile.symlink("kept", at: "\(source)/unlinked")
            let made = try LiveCopy(of: source, to: copy) { path in
                let place = "\(source)/\(path)"
                guard !path.contains("/"), path != "kept" else { return false }
                try? FileTree.remove(place)
                switch path {
                case "linked", "exchanged": symlink("\(folder)/outside", place)
                case "folded": mkdir(place, 0o700)
                case "filed", "link": try? write("2", to: place)
                default: break
                }
                return false
            }
            #expect(made.omissions.isEmpty, "\(made.omissions)")
            #expect(try FileTree.walk(copy).map(\.path) == ["kept"])
        }
    }

    @Test func `what cannot be copied is left out and told`() throws {
        try withTemporaryDirectory { folder in
            let (source, copy) = ("\(folder)/a", "\(folder)/b")
            try write("12345", to: "\(source)/large")
            try write("123", to: "\(source)/small")
            try #require(mkfifo("\(source)/pipe", 0o600) == 0)
            let deep = Array(repeating: "d", count: FileTree.depthLimit + 1).joined(separator: "/")
            try FileTree.makeFolders("\(source)/\(deep)", mode: 0o700)
            try write("1", to: "\(source)/\(deep.dropLast(2))/last")
            let isShared = FileTree.sharesContent(in: folder)
            let made = try LiveCopy(of: source, to: copy, upTo: 4)
            let expected = [
                LiveCopy.Omission(path: deep, reason: .tooDeep), LiveCopy.Omission(path: "large", reason: .tooLarge),
                LiveCopy.Omission(path: "pipe", reason: .special),
            ]
            #expect(made.omissions == expected.filter { !isShared || $0.reason != .tooLarge })
            #expect(made.omissionCount == made.omissions.count)
            #expect(try readText("\(copy)/small") == "123")
            #expect(try readText("\(copy)/\(deep.dropLast(2))/last") == "1")
            #expect(try FileStatus.ifExists("\(copy)/large") == nil || isShared)
            let error = #expect(throws: SystemError.self) { try LiveCopy(of: source, to: copy) }
            #expect(error?.errno == EEXIST)
        }
    }

    @Test func `of many things that are left out the first are told, and all are counted`() throws {
        try withTemporaryDirectory { folder in
            try FileTree.makeFolders("\(folder)/a", mode: 0o700)
            for number in 0...LiveCopy.most { try #require(mkfifo("\(folder)/a/\(number)", 0o600) == 0) }
            let made = try LiveCopy(of: "\(folder)/a", to: "\(folder)/b")
            #expect(made.omissions.count == LiveCopy.most)
            #expect(made.omissionCount == LiveCopy.most + 1)
        }
    }

    @Test func `a path of many long names is copied, although the kernel takes none of that length`() throws {
        try withTemporaryDirectory { folder in
            try FileTree.makeFolders("\(folder)/a", mode: 0o700)
            let long = FileName(bytes: Array(repeating: 0x6e, count: 250))
            var place = try FileTree.open("\(folder)/a")
            for _ in 0..<20 {
                try #require(long.withUnsafePointer { mkdirat(place.rawValue, $0, 0o700) } == 0)
                place = try long.openFolder(in: place.rawValue)
            }
            let made = try LiveCopy(of: "\(folder)/a", to: "\(folder)/b")
            #expect(made.omissions.isEmpty)
            var copied = try FileTree.open("\(folder)/b")
            for _ in 0..<20 { copied = try long.openFolder(in: copied.rawValue) }
            // A copy for good is not made of it, and says so.
            let error = #expect(throws: SystemError.self) {
                try FileTree.duplicate(from: "\(folder)/a", to: "\(folder)/c")
            }
            #expect(error?.errno == ENAMETOOLONG)
            #expect(try FileTree.obstacle(toDuplicating: "\(folder)/a")?.errno == ENAMETOOLONG)
        }
    }
}
