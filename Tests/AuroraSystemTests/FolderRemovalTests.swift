import AuroraTestSupport
import Glibc
import Testing

@testable import AuroraSystem

@Suite struct FolderRemovalTests {
    @Test func `folders nested deeper than any path or table of descriptors are removed, with what lies in them`()
        async throws
    {
        try await withAsyncTemporaryDirectory { folder in
            _ = await #expect(processExitsWith: .success) { [folder = folder as String] in
                var limit = rlimit(rlim_cur: 256, rlim_max: 256)
                guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { exit(90) }
                var inner = try FileTree.open(folder)
                // A name that what is moved up could have, taken by a file and by a folder that is not empty.
                try write("x", to: "\(folder)/tree/.aurora-deep-1")
                try write("x", to: "\(folder)/tree/.aurora-deep-2/x")
                inner = try Descriptor.open("tree", in: inner.rawValue, [.readOnly, .directory])
                for depth in 1...5000 {
                    guard mkdirat(inner.rawValue, "d", 0o700) == 0 else { exit(91) }
                    inner = try Descriptor.open("d", in: inner.rawValue, [.readOnly, .directory])
                    guard depth % 100 == 0 else { continue }
                    guard mknodat(inner.rawValue, "file", S_IFREG | 0o600, 0) == 0 else { exit(92) }
                }
                try FileTree.remove("\(folder)/tree")
                exit(try FileStatus.ifExists("\(folder)/tree") == nil ? 0 : 93)
            }
        }
    }
}
