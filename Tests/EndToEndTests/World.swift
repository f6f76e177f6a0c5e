import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Foundation
import Synchronization
import Testing

/// One hub with one target, a release key, and people who each have a home folder of their own.
final class World: Sendable {
    let root: String
    let hub: HubProcess
    private let used = Mutex<Set<String>>([])

    var target: String { root + "/srv/app" }
    var gnupg: String { root + "/gnupg" }

    init(root: String, hubArguments: [String] = []) throws {
        self.root = root
        hub = HubProcess(folder: root, arguments: hubArguments)
    }

    /// Gives `body` a world and takes it down afterwards, whatever happened.
    static func with(
        policy: String = "{approvers: 1, signatures: operator-signed}", hubArguments: [String] = [],
        _ body: (World) throws -> Void
    ) throws {
        try withTemporaryDirectory { root in
            let world = try World(root: root, hubArguments: hubArguments)
            defer {
                try? world.hub.kill()
                _ = try? AuroraProgram.gpgconf(world.gnupg)
            }
            try world.prepare(policy: policy)
            try body(world)
        }
    }

    private func prepare(policy: String) throws {
        try FileManager.default.createDirectory(atPath: root + "/srv", withIntermediateDirectories: true)
        try FileManager.default.createDirectory(
            atPath: gnupg, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try gpg(["--passphrase", "", "--quick-gen-key", "release@example.org", "ed25519", "sign", "never"])
        try write(try gpg(["--armor", "--export"]).output, to: root + "/keys.asc")
        let listing = try gpg(["--with-colons", "--list-keys"]).output.split(separator: "\n")
        let line = try #require(listing.first { $0.hasPrefix("fpr:") })
        let fingerprint = try #require(line.split(separator: ":").last)
        try write(
            """
            version: aurora-config-v1
            signing:
              keyring: [keys.asc]
              fingerprints: [\(fingerprint)]
            targets:
              - name: app
                path: \(target)
                kind: link
                domain: core
                safety: routine
                apply: [/bin/true]
                health: [/usr/bin/test, -f, \(target)/healthy]
                health_timeout_seconds: 20
                run_as: {uid: \(geteuid()), gid: \(getegid())}
                policy: \(policy)

            """, to: root + "/aurora.yaml")
    }

    /// Makes a tree, packs and signs it.
    ///
    /// A tree that is not healthy fails its health command.
    func release(_ version: String, isHealthy: Bool = true, isSigned: Bool = true) throws -> String {
        let tree = "\(root)/trees/\(version)"
        try write("version \(version)\n", to: tree + "/VERSION")
        try write("#!/bin/sh\n", to: tree + "/bin/app", mode: 0o755)
        if isHealthy { try write("", to: tree + "/healthy") }
        let builder = person("builder")
        let built = try builder("release", "build", tree, "--name", "app", "--version", version, "--into", root)
        try #require(built.code == 0, "\(built)")
        let artifact = "\(root)/app-\(version).tar.gz"
        if isSigned {
            let signed = try builder("release", "sign", artifact, "--signing-key", "release@example.org")
            try #require(signed.code == 0, "\(signed)")
        }
        return artifact
    }

    /// The version the target serves; empty when there is none.
    var served: String {
        ((try? readText(target + "/VERSION")) ?? "").split(separator: " ").last.map { String($0.dropLast()) } ?? ""
    }

    // MARK: People

    /// Somebody at a terminal of their own; the hub and its token are in their environment and home.
    func person(_ name: String) -> Person { Person(name: name, world: self) }

    /// Remembers that a command was run, for the test that every verb is.
    func note(_ arguments: [String]) {
        // The nouns' other names count as the noun.
        let first = arguments.first ?? ""
        let noun = first.hasPrefix("approval") ? "suggestion" : first.hasSuffix("s") ? String(first.dropLast()) : first
        let words = [noun] + arguments.dropFirst()
        used.withLock { used in
            for count in 1...3 { used.insert(words.prefix(count).joined(separator: " ")) }
        }
    }

    /// Whether a command of these words was run.
    func hasRun(_ words: String) -> Bool { used.withLock { $0.contains(words) } }

    @discardableResult
    private func gpg(_ arguments: [String]) throws -> Ran {
        let ran = try run(
            "/usr/bin/gpg", ["--batch", "--quiet"] + arguments,
            environment: ["GNUPGHOME": gnupg, "PATH": "/usr/bin:/bin"])
        try #require(ran.code == 0, "\(ran)")
        return ran
    }
}

/// One person with a home folder, calling the real program.
struct Person: Sendable {
    let name: String
    let world: World

    var home: String { "\(world.root)/home-\(name)" }

    /// Runs `aurora` with these words.
    @discardableResult
    func callAsFunction(_ arguments: String...) throws -> Ran { try self(arguments) }

    @discardableResult
    func callAsFunction(_ arguments: [String]) throws -> Ran {
        world.note(arguments)
        return try run(
            Programs.aurora, arguments,
            environment: [
                "HOME": home, "PATH": "/usr/bin:/bin", "GNUPGHOME": world.gnupg, "AURORA_HUB": world.hub.dashboard,
                "USER": name,
            ])
    }

    /// Runs a command that must work, and reads what it says as JSON.
    func json(_ arguments: String...) throws -> JSONValue {
        let ran = try self(arguments + ["--json"])
        try #require(ran.code == 0, "\(arguments): \(ran)")
        return try JSONParser.parse(Array(ran.output.utf8), allowsFractions: true)
    }

    /// Logs in with a link or a code.
    func login(_ link: String, _ more: String...) throws {
        let file = "\(home)-link"
        try write(link, to: file, mode: 0o600)
        let ran = try self(["login", "--code-file", file] + more)
        try #require(ran.code == 0, "\(ran)")
    }
}

/// Programs of GnuPG the tests need.
enum AuroraProgram {
    /// Ends the agent that gpg started for a home folder.
    static func gpgconf(_ home: String) throws -> Ran {
        try run(
            "/usr/bin/gpgconf", ["--kill", "gpg-agent"], environment: ["GNUPGHOME": home, "PATH": "/usr/bin:/bin"])
    }
}
