import AuroraTestSupport
import Glibc
import Testing

@testable import AuroraSystem

@Suite struct FileTreeObstacleTests {
    /// Something that cannot be copied for good, and what is said of it.
    struct Case: CustomTestStringConvertible {
        let testDescription: String
        let operation: String
        let path: String
        let errno: Int32
        /// Makes it in an open folder.
        let make: @Sendable (Int32) -> Void
    }

    private static let bad: [CChar] = [0x66, 0x5c, CChar(bitPattern: 0xff), 0]

    static let cases = [
        Case(testDescription: "a file", operation: "walk", path: "sub/f\\x5c\\xff", errno: EILSEQ) {
            close(openat($0, bad, O_CREAT | O_WRONLY, 0o600))
        },
        Case(testDescription: "a link", operation: "readlinkat", path: "sub/link", errno: EILSEQ) {
            symlinkat(bad, $0, "link")
        },
        Case(
            testDescription: "a folder that is too deep", operation: "walk",
            path: "sub/" + Array(repeating: "d", count: FileTree.depthLimit).joined(separator: "/"), errno: ENAMETOOLONG
        ) {
            var folder = dup($0)
            for _ in 0..<FileTree.depthLimit {
                mkdirat(folder, "d", 0o700)
                let inner = openat(folder, "d", O_RDONLY | O_DIRECTORY)
                close(folder)
                folder = inner
            }
            close(folder)
        },
    ]

    @Test(arguments: cases) func `the look finds what the copy refuses, unless it is left out`(_ item: Case) throws {
        try withTemporaryDirectory { folder in
            try write("x", to: "\(folder)/a/sub/x")
            let sub = try FileTree.open("\(folder)/a/sub")
            #expect(try FileTree.obstacle(toDuplicating: "\(folder)/a") == nil)
            item.make(sub.rawValue)
            let expected = SystemError(operation: item.operation, path: item.path, errno: item.errno)
            #expect(try FileTree.obstacle(toDuplicating: "\(folder)/a") == expected)
            #expect(throws: expected) { try FileTree.duplicate(from: "\(folder)/a", to: "\(folder)/b") }
            #expect(try FileTree.obstacle(toDuplicating: "\(folder)/a") { $0 == "sub" } == nil)
            try FileTree.duplicate(from: "\(folder)/a", to: "\(folder)/c") { $0 == "sub" }
            #expect(try DirectoryNames.read(in: "\(folder)/c").isEmpty)
        }
    }

    @Test func `the look passes over what goes meanwhile`() throws {
        try withTemporaryDirectory { folder in
            for name in ["a/x", "b/x"] { try write("x", to: "\(folder)/a/\(name)") }
            try DurableFile.symlink("b", at: "\(folder)/a/link")
            let obstacle = try FileTree.obstacle(toDuplicating: "\(folder)/a") { path in
                if path != "a/x" { try? FileTree.remove("\(folder)/a/\(path)") }
                return false
            }
            #expect(obstacle == nil)
        }
    }

    @Test(arguments: [
        ("plain", Array("plain".utf8)), ("é b", Array("é b".utf8)), ("a\\x5cb", Array("a\\b".utf8)),
        ("a\\x0ab", Array("a\nb".utf8)), ("caf\\xc3\\xa9\\xff", Array("café".utf8) + [0xff]),
    ])
    func `a name is escaped so that a shell takes it`(label: String, bytes: [UInt8]) {
        #expect(FileName(bytes: bytes).escaped == label)
    }
}
