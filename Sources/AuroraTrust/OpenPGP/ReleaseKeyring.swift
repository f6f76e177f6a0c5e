import AuroraModel
import AuroraSystem

/// The release keys a hub trusts: a binary keyring on disk and the fingerprints in it.
///
/// `gpgv` cannot read armoured keyrings, so public keys in either form are brought into one binary file once, by GnuPG in a
/// home folder that is thrown away. The user's own keyring is never read.
package struct ReleaseKeyring: Hashable, Sendable {
    /// Primary fingerprints of the keys in the file, upper-case hexadecimal, in the order of the files.
    package let fingerprints: [String]

    /// Writes `path` durably with the keys of `files` (armoured or binary public keys).
    ///
    /// - Throws: `Refusal` with code `release_key_unreadable` naming the file, or `gpg_unavailable`.
    package static func build(
        at path: String, from files: [(name: String, bytes: [UInt8])], gpg: String = "/usr/bin/gpg"
    ) throws -> ReleaseKeyring {
        let home = try makeHome(beside: path)
        defer { try? FileTree.remove(home) }
        let gnupg = GnuPG(program: gpg, home: home)
        var ring: [UInt8] = []
        var fingerprints: [String] = []
        for file in files {
            let binary = try gnupg.dearmored(file)
            let found = try gnupg.primaryFingerprints(in: binary, of: file.name)
            for fingerprint in found where !fingerprints.contains(fingerprint) { fingerprints.append(fingerprint) }
            ring += binary
        }
        try DurableFile.replace(path, contents: ring, mode: 0o600)
        return ReleaseKeyring(fingerprints: fingerprints)
    }

    /// An empty folder, so that nothing of a user's configuration or keys is seen.
    private static func makeHome(beside path: String) throws -> String {
        let home = path + ".import"
        try FileTree.remove(home)
        try FileTree.makeFolders(home, mode: 0o700)
        return home
    }
}

/// `gpg`, used only to change the form of public keys and to read their fingerprints.
private struct GnuPG {
    let program: String
    let home: String

    func dearmored(_ file: (name: String, bytes: [UInt8])) throws -> [UInt8] {
        if let first = file.bytes.first, first & 0x80 != 0 { return file.bytes }
        let text = String(decoding: file.bytes, as: UTF8.self)
        guard !text.contains("PRIVATE KEY BLOCK") else { throw secretKey(file.name) }
        let end = "-----END PGP PUBLIC KEY BLOCK-----"
        let blocks = text.split(separator: end).filter { $0.contains("-----BEGIN PGP PUBLIC KEY BLOCK-----") }
        guard !blocks.isEmpty else { throw unreadable(file.name) }
        // gpg --dearmor stops after the first block, and a key left out would refuse good signatures later.
        var ring: [UInt8] = []
        for block in blocks {
            let result = try run(["--dearmor"], input: Array((block + end + "\n").utf8))
            guard result.isSuccess, !result.output.isEmpty else { throw unreadable(file.name) }
            ring += result.output
        }
        return ring
    }

    func primaryFingerprints(in binary: [UInt8], of name: String) throws -> [String] {
        let result = try run(["--show-keys", "--with-colons"], input: binary)
        var fingerprints: [String] = []
        var followsPrimary = false
        for line in String(decoding: result.output, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            switch fields.first {
            case "sec": throw secretKey(name)
            case "pub": followsPrimary = true
            case "fpr" where followsPrimary && fields.count > 9 && GPGStatus.isFingerprint(fields[9]):
                fingerprints.append(String(fields[9]))
                followsPrimary = false
            default: break
            }
        }
        guard result.isSuccess, !fingerprints.isEmpty else { throw unreadable(name) }
        return fingerprints
    }

    private func run(_ arguments: [String], input: [UInt8]) throws -> ProcessResult {
        do {
            return try Processes.run(
                ProcessSpec(
                    executable: program,
                    arguments: ["--batch", "--no-options", "--no-autostart", "--homedir", home] + arguments,
                    environment: ["LC_ALL": "C", "TZ": "UTC"], stdin: .bytes(input), outputLimit: 4 << 20,
                    timeout: .seconds(30)))
        } catch {
            throw Refusal(
                .unavailable, code: "gpg_unavailable", "The release keys could not be read: \(error).",
                subject: program,
                remedy: "install gpg, or give the keys in binary form")
        }
    }

    private func unreadable(_ name: String) -> Refusal {
        Refusal(
            .unprocessable, code: "release_key_unreadable", "\(name) holds no OpenPGP public key.", subject: name,
            rule: "signing.keyring lists files with public keys",
            remedy: "export it with: gpg --armor --export FINGERPRINT > \(name)")
    }

    private func secretKey(_ name: String) -> Refusal {
        Refusal(
            .unprocessable, code: "release_key_secret", "\(name) holds a secret key.", subject: name,
            rule: "secret keys never enter a hub",
            remedy: "export the public key with: gpg --armor --export FINGERPRINT, and consider the secret key exposed")
    }
}
