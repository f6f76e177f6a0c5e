import AuroraTestSupport
import Glibc
import Testing

@testable import AuroraSystem

@Suite struct FileTreeTimesTests {
    private func times(_ path: String) throws -> [Int] {
        var status = stat()
        try #require(lstat(path, &status) == 0)
        return [status.st_atim.tv_sec, status.st_atim.tv_nsec, status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
    }

    @Test
    func `a copy has the times of files, folders and links, to the nanosecond`() throws {
        try withTemporaryDirectory { folder in
            let (source, copy) = ("\(folder)/a", "\(folder)/b")
            try write("x", to: "\(source)/deep/deeper/file", mode: 0o400)
            try write("", to: "\(source)/empty")
            try DurableFile.symlink("nowhere", at: "\(source)/deep/link")
            // From the inside out; before 1970 as well.
            let paths = ["/deep/deeper/file", "/deep/deeper", "/deep/link", "/deep", "/empty", ""]
            for (index, path) in paths.enumerated() {
                let both = [
                    timespec(tv_sec: 1_000_000_000 + index, tv_nsec: 123_456_789),
                    timespec(tv_sec: index * 1000 - 2000, tv_nsec: 987_654_321),
                ]
                try #require(utimensat(AT_FDCWD, source + path, both, AT_SYMLINK_NOFOLLOW) == 0)
            }
            let expected = try paths.map { try times(source + $0) }
            try FileTree.duplicate(from: source, to: copy)
            for (path, old) in zip(paths, expected) {
                let new = try times(copy + path)
                #expect(new.suffix(2) == old.suffix(2), "\(path)")
                // Whatever looks at the original may have set the time of its last access.
                if path == "/empty" { #expect(new == old) }
            }
        }
    }
}
