import AuroraTestSupport
import Foundation
import Synchronization
import Testing

@testable import AuroraSystem

@Suite struct FileTreeTests {
    @Test func `a walk lists everything in the order of path bytes, and follows no link`() throws {
        try withTemporaryDirectory { folder in
            for name in ["b/x", "b-a", "a", "b.d/y", "é", "e\u{301}"] { try write(name, to: "\(folder)/\(name)") }
            try DurableFile.symlink("/etc", at: "\(folder)/link")
            let entries = try FileTree.walk(folder)
            #expect(
                entries.map { Array($0.path.utf8) }
                    == ["a", "b", "b-a", "b.d", "b.d/y", "b/x", "e\u{301}", "link", "é"].map { Array($0.utf8) })
            #expect(entries.first { $0.path == "link" }?.linkTarget == "/etc")
            #expect(entries.first { $0.path == "b/x" }?.size == 3)
        }
    }

    @Test func `a name that is not UTF-8 is refused by the walk and removed all the same`() throws {
        try withTemporaryDirectory { folder in
            let root = "\(folder)/tree"
            try write("x", to: "\(root)/a")
            let descriptor = try FileTree.open(root)
            let bad: [CChar] = [0x66, CChar(bitPattern: 0xFF), 0]
            #expect(renameat(descriptor.rawValue, "a", descriptor.rawValue, bad) == 0)
            let error = #expect(throws: SystemError.self) { try FileTree.walk(root) }
            #expect(error?.errno == EILSEQ)
            try FileTree.remove(root)
            #expect(try FileStatus.ifExists(root) == nil)
        }
    }

    @Test func `removing a tree removes links, never what they name, also in read-only folders`() throws {
        try withTemporaryDirectory { folder in
            try write("keep", to: "\(folder)/outside/keep")
            try write("x", to: "\(folder)/tree/sub/file")
            try DurableFile.symlink("\(folder)/outside", at: "\(folder)/tree/sub/link")
            try FileTree.setReadOnly("\(folder)/tree")
            try FileTree.remove("\(folder)/tree")
            #expect(try FileTree.walk(folder).map(\.path) == ["outside", "outside/keep"])
            try DurableFile.symlink("\(folder)/outside", at: "\(folder)/link")
            try FileTree.remove("\(folder)/link")
            try FileTree.remove("\(folder)/not-there")
            #expect(try readText("\(folder)/outside/keep") == "keep")
        }
    }

    @Test func `removal of a hard link does not change the mode of the file behind it`() throws {
        try withTemporaryDirectory { folder in
            try write("x", to: "\(folder)/kept", mode: 0o444)
            try DurableFile.makeDirectory("\(folder)/tree", mode: 0o555)
            #expect(link("\(folder)/kept", "\(folder)/tree/name") == 0 || errno == EACCES)
            try FileTree.remove("\(folder)/tree")
            #expect(try FileStatus.of("\(folder)/kept").mode == 0o444)
        }
    }

    @Test func `a folder swapped for a link during removal never leads outside`() throws {
        try withTemporaryDirectory { folder in
            try write("keep", to: "\(folder)/outside/keep")
            let isDone = Mutex(false)
            let (inner, aside) = ("\(folder)/tree/inner", "\(folder)/aside")
            let swapper = Thread {
                while !isDone.withLock({ $0 }) {
                    if rename(inner, aside) == 0 {
                        symlink("\(folder)/outside", inner)
                        unlink(inner)
                        rename(aside, inner)
                    }
                }
            }
            swapper.start()
            for _ in 0..<200 {
                try? FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true)
                for number in 0..<5 { try? write("x", to: "\(inner)/\(number)") }
                try? FileTree.remove("\(folder)/tree")
            }
            isDone.withLock { $0 = true }
            #expect(try readText("\(folder)/outside/keep") == "keep")
        }
    }

    @Test func `a copy has the same names, bytes, links and modes, and is another tree`() throws {
        try withTemporaryDirectory { folder in
            try write("one", to: "\(folder)/a/run", mode: 0o755)
            try write(String(repeating: "x", count: 300_000), to: "\(folder)/a/sub/big", mode: 0o640)
            try DurableFile.symlink("../run", at: "\(folder)/a/sub/link")
            try FileTree.copy(from: "\(folder)/a", to: "\(folder)/b")
            let (first, second) = (try FileTree.walk("\(folder)/a"), try FileTree.walk("\(folder)/b"))
            #expect(first == second)
            #expect(try readText("\(folder)/b/sub/big") == readText("\(folder)/a/sub/big"))
            #expect(throws: SystemError.self) { try FileTree.copy(from: "\(folder)/a", to: "\(folder)/b") }
        }
    }

    @Test func `a hard link clone shares the files and has folders of its own`() throws {
        try withTemporaryDirectory { folder in
            try write("one", to: "\(folder)/a/sub/run", mode: 0o755)
            try FileTree.setReadOnly("\(folder)/a")
            try FileTree.hardLinkClone(from: "\(folder)/a", to: "\(folder)/b")
            #expect(try FileStatus.of("\(folder)/a/sub/run").inode == FileStatus.of("\(folder)/b/sub/run").inode)
            #expect(try FileStatus.of("\(folder)/b").mode == 0o755)
            #expect(try FileStatus.of("\(folder)/b/sub").mode == 0o555)
            try FileTree.remove("\(folder)/b")
            #expect(try readText("\(folder)/a/sub/run") == "one")
            #expect(try FileStatus.of("\(folder)/a/sub/run").mode == 0o555)
        }
    }

    @Test func `read-only means 0444 and 0555, without set-id bits`() throws {
        try withTemporaryDirectory { folder in
            try write("x", to: "\(folder)/t/run", mode: 0o4755)
            try write("x", to: "\(folder)/t/data", mode: 0o666)
            try FileTree.setReadOnly("\(folder)/t")
            #expect(try FileTree.walk("\(folder)/t").map(\.mode) == [0o444, 0o555])
            #expect(try FileStatus.of("\(folder)/t").mode == 0o555)
            try FileTree.syncAll("\(folder)/t")
        }
    }

    @Test func `a tree deeper than the limit is refused, not overflowed`() throws {
        try withTemporaryDirectory { folder in
            var path = "\(folder)/t"
            for _ in 0...FileTree.depthLimit + 1 {
                try DurableFile.makeDirectory(path)
                path += "/d"
            }
            let error = #expect(throws: SystemError.self) { try FileTree.walk(folder) }
            #expect(error?.errno == ENAMETOOLONG)
        }
    }
}
