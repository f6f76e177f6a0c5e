import AuroraSystem

/// A throw-away OpenPGP key, so that the hub verifies as it would in use.
struct BenchSigner {
    private let home: String
    let fingerprint: String

    init(folder: String) throws {
        home = "\(folder)/gnupg"
        try DurableFile.makeDirectory(home, mode: 0o700)
        let environment = ["GNUPGHOME": home]
        let user = "bench@example.org"
        try Tool.run(
            "gpg", ["--batch", "--quiet", "--passphrase", "", "--quick-gen-key", user, "ed25519", "sign", "never"],
            environment: environment)
        let listing = try Tool.run("gpg", ["--batch", "--with-colons", "--list-keys", user], environment: environment)
        let fields = listing.split(separator: "\n").first { $0.hasPrefix("fpr:") }?.split(separator: ":")
        guard let last = fields?.last else { throw BenchError("gpg made no key") }
        fingerprint = String(last)
        let key = try Tool.run("gpg", ["--batch", "--armor", "--export", user], environment: environment)
        try DurableFile.replace("\(home)/key.asc", contents: Array(key.utf8))
    }

    /// The `signing:` section of a hub's configuration.
    var section: String { "signing:\n  keyring: [\(home)/key.asc]\n  fingerprints: [\(fingerprint)]" }

    /// Writes `path.asc`.
    func sign(_ path: String) throws {
        try Tool.run(
            "gpg", ["--batch", "--quiet", "--yes", "--armor", "--detach-sign", path], environment: ["GNUPGHOME": home])
    }

    /// Ends the agent that gpg started for this key.
    func stopAgent() {
        _ = try? Tool.run("gpgconf", ["--kill", "gpg-agent"], environment: ["GNUPGHOME": home])
    }
}
