import AuroraTestSupport
import Glibc
import Testing

@testable import AuroraSystem

@Suite struct FileTreeOwnerTests {
    @Test(.enabled(if: geteuid() == 0, "giving files away needs root"))
    func `a tree is given away whole, with its modes, and nothing that a link leads to`() throws {
        try withTemporaryDirectory { folder in
            let root = "\(folder)/tree"
            try write("x", to: "\(folder)/outside")
            try write("x", to: "\(root)/deep/file")
            try DurableFile.symlink("../outside", at: "\(root)/link")
            try FileTree.give(root, uid: 65_001, gid: 65_002) { $0.kind == .directory ? 0o500 : 0o600 }
            for (path, mode) in [("", 0o700), ("/deep", 0o500), ("/deep/file", 0o600), ("/link", 0o777)] {
                let status = try FileStatus.of(root + path)
                #expect(status.uid == 65_001 && status.gid == 65_002 && status.mode == UInt32(mode), "\(path)")
            }
            #expect(try FileStatus.of("\(folder)/outside").uid == 0)
        }
    }
}
