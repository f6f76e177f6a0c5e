import AuroraTestSupport
import Glibc
import Testing

@testable import AuroraSystem

@Suite struct FileTreeSizeTests {
    @Test func `the size of a tree counts every file once, whatever its name, and follows no link`() throws {
        try withTemporaryDirectory { folder in
            let root = "\(folder)/tree"
            try write("12345", to: "\(folder)/outside")
            try write("123", to: "\(root)/deep/er/file")
            try write("1234", to: "\(root)/a")
            try DurableFile.symlink("../outside", at: "\(root)/link")
            let descriptor = try FileTree.open(root)
            let bad: [CChar] = [0x66, CChar(bitPattern: 0xFF), 0]
            #expect(renameat(descriptor.rawValue, "a", descriptor.rawValue, bad) == 0)
            #expect(try FileTree.byteCount(below: root) == 7)
            #expect(try FileTree.byteCount(below: "\(folder)/outside") == 5)
            #expect(try FileTree.byteCount(below: "\(root)/link") == 0)
            #expect(try FileTree.byteCount(below: "\(root)/nothing") == 0)
        }
    }
}
