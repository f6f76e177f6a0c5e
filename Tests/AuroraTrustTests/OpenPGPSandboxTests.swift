import AuroraModel
import AuroraSystem
import AuroraTestSupport
import AuroraTrust
import Testing

/// Promise 7: a signature is judged in the sandbox or not at all.
@Suite("OpenPGP verdicts: the sandbox")
struct OpenPGPSandboxTests {
    private typealias Bench = OpenPGPVerifierTests.Bench

    @Test(
        "promise 7: a missing layer is a refusal that names it",
        arguments: [
            ("landlock", "landlock_restrict_self:error=EPERM"), ("seccomp", "prctl:error=EINVAL:when=3"),
            ("no-new-privileges", "prctl:error=EINVAL:when=2"), ("descriptors", "close_range:error=ENOSYS"),
        ])
    func missingLayer(_ layer: String, _ injection: String) throws {
        try withTemporaryDirectory { folder in
            // strace answers one system call of the launcher in the kernel's place.
            let script = folder + "/launcher"
            let strace = "/usr/bin/strace -f -qq -o /dev/null -e inject=\(injection)"
            try write("#!/bin/sh\nexec \(strace) \(Bench.launcher) \"$@\"\n", to: script, mode: 0o755)
            let refusal = try refusal(in: folder, launcher: script)
            #expect(refusal.code == "sandbox_unavailable" && refusal.subject == layer, "\(refusal)")
            #expect(!refusal.remedy.isEmpty)
        }
    }

    @Test("promise 7: without the launcher nothing is judged")
    func noLauncher() throws {
        try withTemporaryDirectory { folder in
            let refusal = try refusal(in: folder, launcher: "/nonexistent/aurora-launcher")
            #expect(refusal.code == "sandbox_unavailable" && refusal.subject == "launcher")
        }
    }

    private func refusal(in folder: String, launcher: String) throws -> Refusal {
        let bench = try Bench(in: folder)
        defer { bench.gpg.close() }
        let signature = try bench.gpg.sign(bench.artifact, by: bench.key)
        #expect(try bench.verdict(signature).state == .good, "the control must pass")
        let verifier = OpenPGPVerifier(
            keyring: folder + "/ring.gpg", allowedFingerprints: [bench.key], launcher: launcher)
        let artifact = try Descriptor.inMemory(bench.artifact)
        let number = artifact.rawValue
        return try #require(throws: Refusal.self) {
            try verifier.verify(signature: signature, artifactDescriptor: number)
        }
    }
}
