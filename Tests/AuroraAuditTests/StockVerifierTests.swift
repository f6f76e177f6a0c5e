import AuroraCrypto
import AuroraDatabase
import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

@testable import AuroraAudit

/// Promise 6: an outsider verifies the log with tools that are not ours (Go's x/mod, see Tests/StockVerifier).
struct StockVerifierTests {
    private static let packages = "/usr/share/gocode"
    private static let hasGo =
        FileManager.default.isExecutableFile(atPath: "/usr/bin/go")
        && FileManager.default.fileExists(atPath: packages + "/src/golang.org/x/mod/sumdb/tlog")
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("StockVerifier").path

    @Test(
        "Promise 6: a verifier that shares no code with Aurora accepts exports and proofs, and refuses changed ones",
        .enabled(
            if: hasGo, "golang-go and golang-golang-x-mod-dev are not installed: scripts/install-dependencies test")
    )
    func exports() throws {
        try withLog { test throws in
            let program = test.folder + "/stock-verifier"
            let built = try run("/usr/bin/go", ["build", "-o", program, Self.folder + "/main.go"], in: test.folder)
            try #require(built.isSuccess, "\(String(decoding: built.errorOutput, as: UTF8.self))")
            for (step, count) in [1, 9, 246, 1, 444].enumerated() {
                try test.fill(count)
                let export = test.folder + "/export\(step)"
                try test.log.export(to: export)
                let size = try test.log.size
                let number = size * 2 / 3
                try setFile(test.folder + "/proof", test.log.proof(of: number).bytes)
                let entry = try #require(try test.log.entries(from: number, limit: 1).first)
                try setFile(test.folder + "/entry", entry.bytes)
                let arguments = [export, "\(test.verifierKey)", test.folder + "/proof", test.folder + "/entry"]
                let result = try run(program, arguments, in: test.folder)
                #expect(String(decoding: result.output, as: UTF8.self) == "verified \(size)\n")
                #expect(result.isSuccess)
                try refuses(program, arguments, bundle: export + "/tile/entries/000", in: test.folder)
                try refuses(program, arguments, bundle: test.folder + "/entry", in: test.folder)
                try refuses(program, arguments, bundle: export + "/checkpoint", in: test.folder)
            }
        }
    }

    @Test(
        "Promise 6: thirty lines of Python and openssl do too",
        .enabled(
            if: ["/usr/bin/python3", "/usr/bin/openssl"].allSatisfy(FileManager.default.isExecutableFile(atPath:)),
            "python3 and openssl are not installed: scripts/install-dependencies test"))
    func python() throws {
        try withLog { test throws in
            for (step, count) in [0, 1, 300].enumerated() {
                try test.fill(count)
                let export = test.folder + "/export\(step)"
                try test.log.export(to: export)
                let arguments = [Self.folder + "/verify.py", export, "\(test.verifierKey)"]
                let result = try run("/usr/bin/python3", arguments, in: test.folder)
                #expect(String(decoding: result.output, as: UTF8.self) == "verified \(try test.log.size)\n")
                try refuses("/usr/bin/python3", arguments, bundle: export + "/tile/entries/000", in: test.folder)
                try refuses("/usr/bin/python3", arguments, bundle: export + "/checkpoint", in: test.folder)
            }
        }
    }

    /// A changed file must be refused; a file that is not there at this size is skipped.
    private func refuses(_ program: String, _ arguments: [String], bundle: String, in folder: String) throws {
        guard let bytes = try? fileBytes(bundle) else { return }
        var changed = bytes
        changed[bytes.count / 2] ^= 1
        try setFile(bundle, changed)
        #expect(try run(program, arguments, in: folder).outcome == .exited(1), "\(bundle)")
        try setFile(bundle, bytes)
    }

    private func run(_ program: String, _ arguments: [String], in folder: String) throws -> ProcessResult {
        let environment = [
            "PATH": "/usr/bin:/bin", "HOME": folder, "GO111MODULE": "off", "GOPATH": Self.packages, "GOFLAGS": "",
            "GOCACHE": folder + "/go-cache", "GOTOOLCHAIN": "local",
        ]
        return try Processes.run(
            ProcessSpec(
                executable: program, arguments: arguments, environment: environment, workingDirectory: folder,
                timeout: .seconds(120)))
    }

    @Test("A proof holds for its entry under the log's key, and for nothing else")
    func ownProofs() throws {
        try withLog { test throws in
            try test.fill(300)
            let proof = try test.log.proof(of: 257)
            let entries = try test.log.entries(from: 257, limit: 2).map(\.bytes)
            let read = try TransparencyProof(bytes: proof.bytes)
            #expect(read == proof)
            #expect(read.proves(entry: entries[0], under: test.verifierKey))
            #expect(!read.proves(entry: entries[1], under: test.verifierKey))
            let stranger = try VerifierKey(name: origin, key: .init(bytes: test.key.publicKey.bytes))
            #expect(stranger == test.verifierKey)
            #expect(throws: AuditError.noSuchEntry(number: 300, size: 300)) { try test.log.proof(of: 300) }
            let consistency = try test.log.consistencyProof(from: 100, to: 300)
            #expect(!consistency.isEmpty)
            #expect(throws: AuditError.self) { try test.log.consistencyProof(from: 100, to: 301) }
            #expect(throws: AuditError.self) { try test.log.inclusionProof(of: 0, size: 301) }
        }
    }

    @Test(
        "Texts that are no proofs are refused",
        arguments: [
            "", "\n\n", "c2sp.org/tlog-proof@v1\n\n", "c2sp.org/tlog-proof@v1\nindex 01\n\nx\n",
            "c2sp.org/tlog-proof@v1\nindex -1\n\nx\n", "c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nx\n",
            "c2sp.org/tlog-proof@v2\nindex 1\n\nx\n", "c2sp.org/tlog-proof@v1\nindex 1\n\nno note\n",
        ])
    func malformedProofs(_ text: String) {
        #expect(throws: AuditError.self) { try TransparencyProof(bytes: Array(text.utf8)) }
    }
}
