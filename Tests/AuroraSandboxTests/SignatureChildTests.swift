import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import Testing

/// What the child may do that parses hostile signatures.
@Suite("The child that judges signatures")
struct SignatureChildTests {
    private let sandbox: Sandbox

    init() throws { sandbox = Sandbox(launcherPath: try BuiltPrograms.path("aurora-launcher")) }

    @Test("it has a user of its own when the hub is root")
    func user() throws {
        let result = try run("/usr/bin/id", ["-u"])
        #expect(String(decoding: result.output, as: UTF8.self) == "\(SandboxIdentity.signature.whenRoot.uid)\n")
        #expect(SandboxIdentity.signature.uid != SandboxIdentity.unpack.uid)
    }

    @Test("it reads what it was handed, and no other file")
    func files() throws {
        let handed = try Descriptor.inMemory(Array("handed\n".utf8))
        let read = try run("/usr/bin/cat", ["/proc/self/fd/3"], descriptors: [(3, handed.rawValue)])
        #expect(String(decoding: read.output, as: UTF8.self) == "handed\n")
        for path in ["/etc/passwd", "/proc/self/status", "/etc/hostname"] {
            let result = try run("/usr/bin/cat", [path])
            #expect(!result.isSuccess && result.output.isEmpty, "\(path)")
        }
        #expect(try !run("/usr/bin/touch", ["/tmp/aurora-signature-child"]).isSuccess)
    }

    @Test("it starts no other program, not even itself")
    func programs() throws {
        // env(1) executes what it is told to.
        #expect(try !run("/usr/bin/env", ["/usr/bin/true"]).isSuccess)
    }

    @Test("calls outside the list are denied", arguments: ["socket", "clone", "kill", "ptrace", "unlink", "mkdir"])
    func calls(_ call: String) throws {
        let allowed = try #require(SeccompProgram.filter.allowed)
        #expect(!allowed.contains(call))
        #expect(try SeccompProgram.filter.compiled().count.isMultiple(of: 8))
    }

    @Test("a call that nobody knows is an error, never skipped")
    func unknownCall() {
        #expect(throws: SandboxRefusal.self) { try SeccompProgram(allowing: ["no_such_call"]).compiled() }
    }

    private func run(
        _ path: String, _ arguments: [String], descriptors: [(child: Int32, parent: Int32)] = []
    ) throws -> ProcessResult {
        let program = try Descriptor.open(path, .readOnly)
        return try sandbox.run(
            .signature(), program: .descriptor(program.rawValue), arguments: arguments, descriptors: descriptors)
    }
}
