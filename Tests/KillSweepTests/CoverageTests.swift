import AuroraSystem
import AuroraTestSupport
import Glibc
import Testing

/// The list of the preload library against what the kernel saw: a call that hides would not be swept.
@Suite struct CoverageTests {
    /// System calls that change a file system; opening counts only with O_CREAT or O_TRUNC.
    private static let changing = [
        "open", "openat", "creat", "write", "pwrite64", "writev", "pwritev", "pwritev2", "fsync", "fdatasync", "syncfs",
        "sync", "sync_file_range", "rename", "renameat", "renameat2", "unlink", "unlinkat", "rmdir", "mkdir", "mkdirat",
        "link", "linkat", "symlink", "symlinkat", "truncate", "ftruncate", "fallocate", "chmod", "fchmod", "fchmodat",
        "fchmodat2", "chown", "fchown", "fchownat", "lchown", "copy_file_range", "sendfile", "openat2",
        "io_uring_setup",
        "mknod", "mknodat", "setxattr", "fsetxattr", "lsetxattr", "splice",
    ]

    /// The preload library's name for a system call; glibc has several doors to some.
    private static func normal(_ name: String) -> String {
        switch name {
        case "open", "open64", "openat64", "creat", "creat64": "openat"
        case "pwrite": "pwrite64"
        case "ftruncate64": "ftruncate"
        case "fallocate64": "fallocate"
        default: name
        }
    }

    private static var hasStrace: Bool { access("/usr/bin/strace", X_OK) == 0 }

    @Test(
        "the sweep sees every changing call of every act", .enabled(if: hasStrace, "strace is not installed"),
        arguments: Scenario.all)
    func everyCall(scenario: Scenario) throws {
        try withTemporaryDirectory { folder in
            let state = "\(folder)/state"
            try DurableFile.makeDirectory(state)
            try Harness.prepare(scenario.setup, in: state)
            let (list, trace) = ("\(folder)/calls", "\(folder)/trace")
            let (driver, preload) = (try Harness.driver(), try Harness.preload())
            var verb = scenario.act
            verb.insert(state, at: 1)
            let result = try Processes.run(
                ProcessSpec(
                    executable: "/usr/bin/strace",
                    arguments: [
                        "-f", "-y", "-qq", "-s", "16", "-o", trace, "-e",
                        "trace=" + Self.changing.map { "?\($0)" }.joined(separator: ","),
                        "-E", "LD_PRELOAD=\(preload)", "-E", "COUNT_TO=\(list)", driver,
                    ] + verb, timeout: .seconds(120)))
            try #require(result.isSuccess, "\(String(decoding: result.errorOutput, as: UTF8.self))")
            let counted = try readText(list).split(separator: "\n").compactMap { line in
                line.split(separator: " ").dropFirst().first.map { Self.normal(String($0)) }
            }
            let seen = try readText(trace).split(separator: "\n").compactMap {
                Self.changingCall($0, list: list, state)
            }
            #expect(Self.tally(counted) == Self.tally(seen))
            // The shortest act is the rollback of a link: lock, reservation, intent, exchange, two folders, commit.
            #expect(counted.count > 7)
        }
    }

    /// The name of the call in a line of strace, or nil when it changes nothing of the state.
    private static func changingCall(_ line: Substring, list: String, _ state: String) -> String? {
        // "123 write(4</tmp/x/log>, ...) = 3"; the first word is the process.
        guard let space = line.firstIndex(of: " "), let open = line.firstIndex(of: "("), !line.contains(list) else {
            return nil
        }
        let name = line[line.index(after: space)..<open].drop { $0 == " " }
        if line.contains("<... ") || line.hasSuffix("+++") || line.contains("---") { return nil }
        let call = normal(String(name))
        if call == "openat", !line.contains("O_CREAT"), !line.contains("O_TRUNC") { return nil }
        // Writes to pipes and terminals are no change of a disk.
        if call.contains("write"), !line.contains("<\(state)") { return nil }
        return call
    }

    private static func tally(_ names: [String]) -> [String: Int] {
        names.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
}
