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
        "the sweep sees every changing call of every act, of the unpack child too",
        .enabled(if: hasStrace, "strace is not installed"),
        arguments: Scenario.all + [Scenario.targets[1].recovery(from: 65, acknowledged: false)])
    func everyCall(scenario: Scenario) throws {
        try Harness.withFolder { folder in
            let state = "\(folder)/state"
            try DurableFile.makeDirectory(state)
            try Harness.prepare(scenario, in: state)
            let (list, trace) = ("\(folder)/calls", "\(folder)/trace")
            let (driver, preload) = (try Harness.driver(), try Harness.preload())
            var verb = scenario.act
            verb.insert(state, at: 1)
            let unpacks = scenario.act == Scenario.stage.act
            if unpacks { try Harness.tellChild(["COUNT_TO": "\(list).child"], in: state) }
            let result = try Processes.run(
                ProcessSpec(
                    executable: "/usr/bin/strace",
                    arguments: [
                        "-f", "-y", "-qq", "-s", "16", "-o", trace, "-e",
                        "trace=" + Self.changing.map { "?\($0)" }.joined(separator: ","),
                        "-E", "LD_PRELOAD=\(preload)", "-E", "COUNT_TO=\(list)", driver,
                    ] + verb, timeout: .seconds(120)))
            try #require(result.isSuccess, "\(String(decoding: result.errorOutput, as: UTF8.self))")
            let (own, child) = (try Self.counted(list), unpacks ? try Self.counted("\(list).child") : [])
            let counted = own + child
            let seen = try readText(trace).split(separator: "\n").compactMap {
                Self.changingCall($0, list: list, state)
            }
            #expect(Self.tally(counted) == Self.tally(seen))
            #expect(own.count > 3, "the preload library sees nothing")
            // The shortest act is the rollback of a link. Unpacking makes a call for each file, folder and link.
            #expect(!unpacks || child.count > 8, "the preload library sees nothing in the child")
        }
    }

    /// The calls the preload library wrote down.
    private static func counted(_ list: String) throws -> [String] {
        try readText(list).split(separator: "\n").compactMap { line in
            line.split(separator: " ").dropFirst().first.map { normal(String($0)) }
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
