import AuroraTestSupport
import Glibc
import Testing

@testable import AuroraSystem

@Suite struct DurableFileTests {
    @Test func `a replaced file has the new content and the asked mode`() throws {
        try withTemporaryDirectory { folder in
            try DurableFile.replace("\(folder)/a", contents: Array("one".utf8))
            #expect(try FileStatus.of("\(folder)/a").mode == 0o600)
            try DurableFile.replace("\(folder)/a", contents: Array("two".utf8), mode: 0o666)
            #expect(try readText("\(folder)/a") == "two")
            #expect(try FileStatus.of("\(folder)/a").mode == 0o666)
            #expect(try FileTree.walk(folder).map(\.path) == ["a"])
        }
    }

    @Test func `a replace that fails leaves the old content and no temporary file`() throws {
        try withTemporaryDirectory { folder in
            try write("inside", to: "\(folder)/a/inside")
            let error = #expect(throws: SystemError.self) { try DurableFile.replace("\(folder)/a", contents: [1]) }
            #expect(error?.errno == EISDIR)
            #expect(error?.path == "\(folder)/a")
            #expect(try FileTree.walk(folder).map(\.path) == ["a", "a/inside"])
        }
    }

    @Test func `a replace in a folder that is missing names the folder`() throws {
        try withTemporaryDirectory { folder in
            let error = #expect(throws: SystemError.self) {
                try DurableFile.replace("\(folder)/missing/a", contents: [1])
            }
            #expect(error == SystemError(operation: "open", path: "\(folder)/missing", errno: ENOENT))
            #expect(error?.description.contains("No such file") == true)
        }
    }

    @Test func `replace puts a file in the place of a symlink and leaves what it named alone`() throws {
        try withTemporaryDirectory { folder in
            try write("outside", to: "\(folder)/outside")
            try DurableFile.symlink("outside", at: "\(folder)/a")
            try DurableFile.replace("\(folder)/a", contents: Array("new".utf8))
            #expect(try readText("\(folder)/outside") == "outside")
            #expect(try FileStatus.of("\(folder)/a").kind == .regular)
        }
    }

    @Test func `leftovers of a killed replace are removed, other files are not`() throws {
        try withTemporaryDirectory { folder in
            for name in [".log.abc.tmp", "log", "x.tmp", ".hidden"] { try write("x", to: "\(folder)/\(name)") }
            try DurableFile.removeLeftovers(in: folder)
            #expect(try DirectoryNames.read(in: folder).map(\.display) == [".hidden", "log", "x.tmp"])
        }
    }

    @Test func `reading stops at the limit and refuses a symlink`() throws {
        try withTemporaryDirectory { folder in
            try write("12345", to: "\(folder)/a")
            #expect(try DurableFile.read("\(folder)/a", limit: 5).count == 5)
            #expect(throws: SystemError(operation: "read", path: "\(folder)/a", errno: EFBIG)) {
                try DurableFile.read("\(folder)/a", limit: 4)
            }
            try DurableFile.symlink("a", at: "\(folder)/b")
            #expect(throws: SystemError(operation: "open", path: "\(folder)/b", errno: ELOOP)) {
                try DurableFile.read("\(folder)/b")
            }
        }
    }

    @Test func `removing what is not there is fine`() throws {
        try withTemporaryDirectory { folder in
            try DurableFile.remove("\(folder)/a")
            try write("x", to: "\(folder)/a")
            try DurableFile.remove("\(folder)/a")
            #expect(try FileStatus.ifExists("\(folder)/a") == nil)
        }
    }

    @Test func `two names are exchanged in one step`() throws {
        try withTemporaryDirectory { folder in
            #expect(AtomicRename.supportsExchange(in: folder))
            try write("1", to: "\(folder)/a/x")
            try write("2", to: "\(folder)/b")
            try AtomicRename.exchange("\(folder)/a", "\(folder)/b")
            #expect(try readText("\(folder)/a") == "2")
            #expect(try readText("\(folder)/b/x") == "1")
            #expect(try DirectoryNames.read(in: folder).count == 2)
        }
    }

    @Test func `a rename that must not replace refuses an existing name`() throws {
        try withTemporaryDirectory { folder in
            try write("1", to: "\(folder)/a")
            try write("2", to: "\(folder)/b")
            let error = #expect(throws: SystemError.self) { try AtomicRename.noReplace("\(folder)/a", "\(folder)/b") }
            #expect(error?.errno == EEXIST)
            #expect(try readText("\(folder)/b") == "2")
        }
    }

    @Test(
        arguments: [
            ("/a/b", "/a", "b"), ("/a", "/", "a"), ("a", ".", "a"), ("a/b/c", "a/b", "c"),
            ("/e\u{301}/x", "/e\u{301}", "x"),
        ])
    func `a path is split at its last slash`(path: String, folder: String, name: String) {
        let parts = DurableFile.split(path)
        #expect(Array(parts.folder.utf8) == Array(folder.utf8))
        #expect(Array(parts.name.utf8) == Array(name.utf8))
    }
}
