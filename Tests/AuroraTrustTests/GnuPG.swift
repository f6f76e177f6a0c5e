import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

/// A throw-away GnuPG home: real keys, real signatures, nothing of the user's.
struct GnuPG {
    let home: String

    init(in folder: String) throws {
        home = folder + "/gnupg"
        try FileManager.default.createDirectory(
            atPath: home, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    /// Runs gpg; the time stands still at `at` (`YYYYMMDDThhmmss`) when given.
    @discardableResult
    func run(_ arguments: [String], input: [UInt8] = [], at time: String? = nil) throws -> ProcessResult {
        let clock = time.map { ["--faked-system-time", $0 + "!"] } ?? []
        let result = try Processes.run(
            ProcessSpec(
                executable: "/usr/bin/gpg",
                arguments: ["--homedir", home, "--batch", "--yes", "--pinentry-mode", "loopback", "--passphrase", ""]
                    + clock + arguments,
                environment: ["LC_ALL": "C", "PATH": "/usr/bin:/bin"], stdin: .bytes(input), outputLimit: 1 << 20))
        return result
    }

    /// Makes a key and answers its fingerprint.
    func makeKey(_ name: String, algorithm: String = "ed25519", expires: String = "never", at time: String? = nil)
        throws
        -> String
    {
        let result = try run(["--quick-generate-key", name, algorithm, "sign", expires], at: time)
        try #require(result.isSuccess, "\(String(decoding: result.errorOutput, as: UTF8.self))")
        let listing = try run(["--list-keys", "--with-colons", "=" + name])
        let lines = String(decoding: listing.output, as: UTF8.self).split(separator: "\n")
        let line = try #require(lines.first { $0.hasPrefix("fpr:") })
        return String(line.split(separator: ":", omittingEmptySubsequences: true)[1])
    }

    /// A detached signature over `bytes`.
    func sign(_ bytes: [UInt8], by keys: String..., at time: String? = nil, extra: [String] = ["--armor"]) throws
        -> [UInt8]
    {
        let signers = keys.flatMap { ["--local-user", $0] }
        let result = try run(extra + signers + ["--detach-sign"], input: bytes, at: time)
        try #require(result.isSuccess, "\(String(decoding: result.errorOutput, as: UTF8.self))")
        return result.output
    }

    /// The public keys of `fingerprints`, armoured.
    func export(_ fingerprints: String...) throws -> [UInt8] {
        try run(["--armor", "--export"] + fingerprints).output
    }

    /// Ends the agent that gpg started for this home.
    func close() {
        _ = try? Processes.run(
            ProcessSpec(
                executable: "/usr/bin/gpgconf", arguments: ["--homedir", home, "--kill", "all"],
                environment: ["PATH": "/usr/bin:/bin"]))
    }
}
