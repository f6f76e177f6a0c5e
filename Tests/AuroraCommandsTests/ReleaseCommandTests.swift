import AuroraCrypto
import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Testing

@testable import AuroraCommands

@Suite("Building, signing and sending releases")
struct ReleaseCommandTests {
    private static func makeTree(_ path: String) throws {
        try write("#!/bin/sh\nexit 0\n", to: path + "/bin/run", mode: 0o755)
        try write("hello\n", to: path + "/share/text")
    }

    @Test("the same tree gives the same bytes, whatever its times")
    func deterministic() throws {
        try withTemporaryDirectory { home in
            var digests: Set<String> = []
            for place in ["one", "two"] {
                try Self.makeTree("\(home)/\(place)/tree")
                let ran = Bench(home: home).run(
                    "release", "build", "\(home)/\(place)/tree", "--name", "gw", "--version", "1.0.0", "--into",
                    "\(home)/\(place)", "--json")
                #expect(ran.code == 0, "\(ran.error)")
                digests.insert(ran.json["sha256"]?.string ?? "")
            }
            #expect(digests.count == 1)
            let file = try ReleaseFile(
                bytes: try LocalFile.read(home + "/one/gw-1.0.0.tar.gz.release.json", what: "release file"))
            #expect(file.name.text == "gw")
            #expect(digests == [file.artifact.hex])
        }
    }

    @Test("a release never replaces another, and needs a real version")
    func refusesBadReleases() throws {
        try withTemporaryDirectory { home in
            try Self.makeTree(home + "/tree")
            let arguments = ["release", "build", home + "/tree", "--name", "gw", "--into", home]
            #expect(Bench(home: home).run(arguments + ["--version", "banana"]).code == 2)
            #expect(Bench(home: home).run(arguments).code == 2)
            #expect(Bench(home: home).run(arguments + ["--version", "1.0.0"]).code == 0)
            #expect(Bench(home: home).run(arguments + ["--version", "1.0.0"]).code == 6)
        }
    }

    @Test("a signature by gpg verifies offline; a changed artifact, and none, end with 9")
    func signAndVerify() throws {
        try withTemporaryDirectory { home in
            let gnupg = GnuPGHome(home + "/gnupg")
            try gnupg.makeKey("release@example.org", keyring: home + "/keys.asc")
            defer { gnupg.stop() }
            try Self.makeTree(home + "/tree")
            let bench = Bench(home: home, environment: ["GNUPGHOME": gnupg.path])
            let artifact = home + "/gw-1.0.0.tar.gz"
            let built = bench.run(
                "release", "build", home + "/tree", "--name", "gw", "--version", "1.0.0", "--into", home)
            #expect(built.code == 0)
            let unsigned = bench.run("release", "verify", artifact, "--keyring", home + "/keys.asc")
            #expect(unsigned.code == 9)
            let signed = bench.run("release", "sign", artifact, "--signing-key", "release@example.org")
            #expect(signed.code == 0, "\(signed.error)")
            #expect(signed.output == artifact + ".release.json.asc\n")
            let good = bench.run("release", "verify", artifact, "--keyring", home + "/keys.asc")
            #expect(good.code == 0, "\(good.error)")
            #expect(good.output.contains("covers the release"))
            try write("other bytes", to: artifact)
            #expect(bench.run("release", "verify", artifact, "--keyring", home + "/keys.asc").code == 9)
            #expect(bench.run("release", "sign", artifact, "--signing-key", "release@example.org").code == 9)
        }
    }

    @Test("a release is shown with the bytes and entries of its tree, as the hub names them")
    func sizes() throws {
        try withTemporaryDirectory { home in
            let release: JSONValue = [
                "sha256": .string(String(repeating: "a", count: 64)),
                "tree": .string(String(repeating: "b", count: 64)),
                "name": "gateway", "version": "1.0.0", "entries": 7, "bytes": 2048, "staged": "2026-11-20T10:00:00Z",
                "stagedBy": "rita",
            ]
            let hub = FakeHub { _, target in
                target.contains("?") || target.hasSuffix("/releases")
                    ? .json(["items": [release], "next": nil]) : .json(release)
            }
            let bench = Bench(home: home, hub: hub)
            #expect(bench.run("release", "list").output.contains(ByteCount.text(2048)))
            let shown = bench.run("release", "show", String(repeating: "a", count: 64)).output
            #expect(shown.contains(ByteCount.text(2048)) && shown.contains("7 entries"), "\(shown)")
        }
    }

    @Test("what belongs to an artifact goes first, with its digest declared")
    func uploads() throws {
        try withTemporaryDirectory { home in
            for name in ["a.tar.gz", "a.tar.gz.asc", "a.tar.gz.release.json"] { try write(name, to: home + "/" + name) }
            let hub = FakeHub { _, _ in .json(["sha256": "00", "size": 3, "filename": "a.tar.gz"], status: 201) }
            let ran = Bench(home: home, hub: hub).run("release", "upload", home + "/a.tar.gz")
            #expect(ran.code == 0, "\(ran.error)")
            #expect(
                hub.seen.map(\.target) == [
                    "/api/v1/artifacts/a.tar.gz.asc", "/api/v1/artifacts/a.tar.gz.release.json",
                    "/api/v1/artifacts/a.tar.gz",
                ])
            let digest = Base64.encode(SHA256.hash(Array("a.tar.gz".utf8)))
            #expect(hub.seen.last?.header("Repr-Digest") == "sha-256=:\(digest):")
        }
    }
}

/// A home folder of GnuPG that nobody else uses.
struct GnuPGHome {
    let path: String

    init(_ path: String) { self.path = path }

    /// Makes a signing key without passphrase and exports its public half.
    func makeKey(_ user: String, keyring: String) throws {
        try FolderMaker.make(path)
        try run(["--batch", "--passphrase", "", "--quick-gen-key", user, "ed25519", "sign", "never"])
        try write(String(decoding: try run(["--armor", "--export", user]), as: UTF8.self), to: keyring)
    }

    /// Ends the agent gpg started for this home.
    func stop() {
        _ = try? Processes.run(
            ProcessSpec(
                executable: "/usr/bin/gpgconf", arguments: ["--kill", "gpg-agent"],
                environment: ["GNUPGHOME": path, "PATH": "/usr/bin:/bin"]))
    }

    @discardableResult
    private func run(_ arguments: [String]) throws -> [UInt8] {
        let result = try Processes.run(
            ProcessSpec(
                executable: "/usr/bin/gpg", arguments: arguments,
                environment: ["GNUPGHOME": path, "PATH": "/usr/bin:/bin"]))
        guard result.isSuccess else {
            throw CommandError("gpg: \(String(decoding: result.errorOutput, as: UTF8.self))", code: "gpg")
        }
        return result.output
    }
}

@Suite("Deleting a release from a hub")
struct ReleaseDeleteTests {
    private static let digest = String(repeating: "cd", count: 32)

    private static func hub(staged: Bool) -> FakeHub {
        FakeHub { method, target in
            switch (method, target) {
            case ("GET", "/api/v1/artifacts/\(digest)"):
                .json(["sha256": .string(digest), "size": 2048, "filename": "app.tar.gz", "staged": .bool(staged)])
            case ("DELETE", _): HubResponse(status: 204, headers: [], body: [])
            default: nil
            }
        }
    }

    @Test("a staged release is taken off the list first, an artifact that was never staged goes at once")
    func order() throws {
        try withTemporaryDirectory { home in
            for (staged, deletions) in [(true, ["releases", "artifacts"]), (false, ["artifacts"])] {
                let hub = Self.hub(staged: staged)
                let ran = Bench(home: home, hub: hub).run("release", "delete", Self.digest, "--confirm", "cdcdcdcdcdcd")
                #expect(ran.code == 0, "\(ran.error)")
                #expect(ran.output.contains("deleted app.tar.gz"))
                let deleted = hub.seen.filter { $0.method == "DELETE" }.map(\.target)
                #expect(deleted == deletions.map { "/api/v1/\($0)/\(Self.digest)" })
            }
        }
    }

    @Test("nothing is deleted without the confirmation")
    func confirmation() throws {
        try withTemporaryDirectory { home in
            let hub = Self.hub(staged: true)
            #expect(Bench(home: home, hub: hub).run("release", "delete", Self.digest).code != 0)
            #expect(hub.seen.allSatisfy { $0.method == "GET" })
        }
    }
}
