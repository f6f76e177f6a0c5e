import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

@Suite("The child that parses small untrusted files")
struct ParseProfileTests {
    private let sandbox: Sandbox
    private let program: String

    init() throws {
        sandbox = Sandbox(launcherPath: try BuiltPrograms.path("aurora-launcher"))
        program = try BuiltPrograms.path("aurora")
    }

    @Test("a suggestion file comes back as one line")
    func suggestion() throws {
        let digest = String(repeating: "a", count: 64)
        let result = try parse(
            #"{"action":"promote","target":"gateway","release":"\#(digest)","reason":"fixes modem drops"}"#)
        #expect(result.outcome == .exited(0))
        let line = String(decoding: result.output, as: UTF8.self)
        #expect(line.hasPrefix(#"{"suggestion":{"#) && line.hasSuffix("}\n"))
        #expect(line.contains(digest))
    }

    struct File: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
    }

    @Test(
        "anything else is refused with a code",
        arguments: [
            File(testDescription: "nothing", text: ""),
            File(testDescription: "a cut object", text: "{"),
            File(testDescription: "a list", text: "[]"),
            File(testDescription: "the prototype's commands", text: #"{"ts":1,"commands":["rm -rf /"]}"#),
            File(testDescription: "a member twice", text: #"{"action":"promote","action":"rollback"}"#),
            File(testDescription: "10,000 levels", text: String(repeating: "[", count: 10_000)),
            File(testDescription: "100 KB", text: #"{"action":""# + String(repeating: "x", count: 100_000) + #""}"#),
        ])
    func refused(_ file: File) throws {
        let result = try parse(file.text)
        #expect(result.outcome == .exited(3))
        #expect(String(decoding: result.output, as: UTF8.self).hasPrefix(#"{"code":"bad_"#))
    }

    /// What a shell can still do when it runs in the place of the parser; only built-ins, for it cannot fork.
    @Test(
        "it can neither read, write, connect, signal nor start anything",
        arguments: [
            "read line </etc/passwd", "echo x >/tmp/aurora-parse-test", "echo x >/dev/tcp/127.0.0.1/9", "kill -9 1",
            "kill -0 $PPID", "(true)", "cd /root", "read line </proc/1/cmdline", "exec 3<>/dev/udp/127.0.0.1/9",
        ])
    func denied(_ attempt: String) throws {
        var profile = SandboxProfile.parse()
        profile.landlock?.append(LandlockRule(.path("/usr/bin/bash"), [.readFile, .execute]))
        let result = try sandbox.run(
            profile, program: .path("/usr/bin/bash"), arguments: ["-c", "\(attempt) && echo worked"])
        #expect(!String(decoding: result.output, as: UTF8.self).contains("worked"), "\(result)")
        #expect(!result.isSuccess)
    }

    @Test("the same shell works as such")
    func allowed() throws {
        var profile = SandboxProfile.parse()
        profile.landlock?.append(LandlockRule(.path("/usr/bin/bash"), [.readFile, .execute]))
        let result = try sandbox.run(
            profile, program: .path("/usr/bin/bash"), arguments: ["-c", "true && echo worked"])
        #expect(String(decoding: result.output, as: UTF8.self) == "worked\n")
    }

    private func parse(_ text: String) throws -> ProcessResult {
        let file = try Descriptor.open(program, .readOnly)
        return try sandbox.run(
            .parse(), program: .descriptor(file.rawValue), arguments: ["internal", "parse-suggestion"],
            stdin: .bytes(Array(text.utf8)))
    }
}
