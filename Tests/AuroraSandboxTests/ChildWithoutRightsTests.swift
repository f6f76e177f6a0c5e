import AuroraArchive
import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import Foundation
import HostileArchives
import Testing

@Suite("S-26: the unpacking child has no rights")
struct ChildWithoutRightsTests {
    @Test("it opens no socket, starts nothing, and writes below the staging directory only")
    func systemCalls() throws {
        try withTemporaryDirectory { folder in
            let log = "\(folder)/calls"
            let child = try UnpackChild(wrapper: ["/usr/bin/strace", "-f", "-o", log])
            let report = try child.unpack(try Self.archive())
            #expect(report.result.isSuccess)
            let calls = try Self.callsOfTheProgram(log)
            #expect(calls.count > 50)
            for call in calls {
                #expect(!Self.isForbidden(call), "\(call)")
            }
            let writes = calls.filter {
                $0.contains("O_CREAT") || $0.hasPrefix("mkdirat(") || $0.hasPrefix("symlinkat(")
            }
            #expect(writes.count >= 4)
        }
    }

    @Test("killed half-way it leaves a clean refusal and nothing outside")
    func killed() throws {
        let child = try UnpackChild(wrapper: ["/usr/bin/strace", "-f", "-qq", "-e", "inject=fchmod:signal=SIGKILL"])
        let report = try child.unpack(try Self.archive())
        #expect(report.result.outcome == .signalled(9))
        #expect(report.outcome == nil)
        #expect(report.changedOutside == [])
    }

    @Test("it cannot unpack into a directory that it was not given")
    func otherDirectory() throws {
        try withTemporaryDirectory { folder in
            let given = try UnpackChild.makeStaging("\(folder)/given")
            let other = try UnpackChild.makeStaging("\(folder)/other")
            let artifact = try Descriptor.open("\(folder)/artifact", [.readWrite, .create])
            try artifact.write(all: try Self.archive())
            let program = try Descriptor.open(try BuiltPrograms.path("aurora"), .readOnly)
            // The rule names descriptor 5, the child finds another directory on 4.
            let result = try UnpackChild().sandbox.run(
                .unpack(directory: 5), program: .descriptor(program.rawValue),
                arguments: UnpackChildProtocol.arguments(ArchiveLimits()),
                descriptors: [(3, artifact.rawValue), (4, other.rawValue), (5, given.rawValue)])
            guard case .refused(let refusal) = UnpackChildProtocol.decode(result.output) else {
                Issue.record("not refused")
                return
            }
            #expect(refusal.rule.isMachineFault, "\(refusal)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/other") == [])
        }
    }

    private static func archive() throws -> [UInt8] {
        try #require(HostileArchives.controls.first { $0.name == "GNU tar's pax format behind gzip" }).make()
    }

    /// The calls after the launcher became the program, without process ids.
    private static func callsOfTheProgram(_ log: String) throws -> [String] {
        let lines = try readText(log).split(separator: "\n").map { line in
            String(line.drop { $0.isNumber }.drop { $0 == " " })
        }
        let start = try #require(lines.lastIndex { $0.hasPrefix("execveat(") && $0.hasSuffix("= 0") })
        return Array(lines[(start + 1)...])
    }

    private static func isForbidden(_ call: String) -> Bool {
        let name = call.prefix { $0 != "(" }
        let never: Set<Substring> = [
            "socket", "socketpair", "connect", "bind", "clone", "clone3", "fork", "vfork", "execve", "execveat", "kill",
            "ptrace", "unlink", "unlinkat", "rename", "renameat", "renameat2", "mkdir", "symlink", "link", "chmod",
            "chown", "fchown", "truncate", "mknod", "mknodat", "open", "creat",
        ]
        if never.contains(name) { return true }
        let makes: Set<Substring> = ["mkdirat", "symlinkat", "linkat", "fchmodat"]
        let opensForWriting = name == "openat" && ["O_WRONLY", "O_RDWR", "O_CREAT"].contains { call.contains($0) }
        guard makes.contains(name) || opensForWriting else { return false }
        // A symbolic link's target is text; the rules for it are tested elsewhere.
        let named = name == "symlinkat" ? Substring(call.drop { $0 != "," }) : Substring(call)
        // What is made is named by one component below a descriptor, never from the root or the working directory.
        return named.contains("AT_FDCWD") || named.contains("\"/") || named.contains("..")
    }
}
