import AuroraSystem
import Foundation

/// A throw-away OpenPGP key made by the real gpg, in a home of its own.
package final class Signer: Sendable {
    /// One key for all tests of this process; making one takes half a second.
    package static let shared: Result<Signer, any Error> = Result { try Signer(name: "Release Key") }
    /// A key the hub does not know.
    package static let stranger: Result<Signer, any Error> = Result { try Signer(name: "Stranger") }

    /// GnuPG's home folder with the secret key; removed when the process ends, and the agent ends with it.
    package let home: String
    /// The key's fingerprint, upper-case hexadecimal.
    package let fingerprint: String
    /// The public key as `gpg --export --armor` writes it.
    package let armoredKey: [UInt8]

    init(name: String) throws {
        home = try makeSharedDirectory()
        _ = try Signer.gpg(
            home,
            ["--quick-gen-key", "--passphrase", "", "--pinentry-mode", "loopback", name, "ed25519", "sign", "0"])
        let listing = String(decoding: try Signer.gpg(home, ["--list-keys", "--with-colons"]), as: UTF8.self)
        let line = listing.split(separator: "\n").first { $0.hasPrefix("fpr:") }
        fingerprint = line.map { String($0.split(separator: ":").last ?? "") } ?? ""
        armoredKey = try Signer.gpg(home, ["--export", "--armor"])
    }

    /// A detached armoured signature over a file's bytes.
    package func sign(_ bytes: [UInt8]) throws -> [UInt8] {
        try Signer.gpg(
            home, ["--detach-sign", "--armor", "--passphrase", "", "--pinentry-mode", "loopback", "-o", "-", "-"],
            stdin: bytes)
    }

    /// The public key as a keyring that gpgv reads.
    package func ring() throws -> [UInt8] { try Signer.gpg(home, ["--export"]) }

    private static func gpg(_ home: String, _ arguments: [String], stdin: [UInt8] = []) throws -> [UInt8] {
        let result = try Processes.run(
            ProcessSpec(
                executable: "/usr/bin/gpg", arguments: ["--batch", "--yes", "--homedir", home] + arguments,
                environment: ["LC_ALL": "C", "PATH": "/usr/bin:/bin"], stdin: .bytes(stdin), outputLimit: 1 << 20))
        guard result.isSuccess else { throw ToolFailure(String(decoding: result.errorOutput, as: UTF8.self)) }
        return result.output
    }
}

/// A program that a test needs did not do its work.
package struct ToolFailure: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}

/// Makes tar.gz archives with the machine's own tar.
package enum Archive {
    /// The archive of a tree given as path and content; a path that ends with `*` is executable.
    package static func tarGzip(_ files: [String: String], in scratch: String) throws -> [UInt8] {
        let folder = scratch + "/tar-" + SecureRandom.bytes(6).map { String($0, radix: 16) }.joined()
        for (path, content) in files {
            let isExecutable = path.hasSuffix("*")
            let file = folder + "/" + (isExecutable ? String(path.dropLast()) : path)
            try FileManager.default.createDirectory(
                atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try Data(content.utf8).write(to: URL(fileURLWithPath: file))
            if isExecutable {
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
            }
        }
        defer { try? FileTree.remove(folder) }
        return try tar(["-C", folder, "-czf", "-", "."])
    }

    /// What `tar` writes to its standard output.
    package static func tar(_ arguments: [String]) throws -> [UInt8] {
        let result = try Processes.run(
            ProcessSpec(
                executable: "/usr/bin/tar", arguments: arguments, environment: ["PATH": "/usr/bin:/bin"],
                outputLimit: 256 << 20))
        guard result.isSuccess else { throw ToolFailure(String(decoding: result.errorOutput, as: UTF8.self)) }
        return result.output
    }
}
