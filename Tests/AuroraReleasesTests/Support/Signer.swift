import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Foundation

/// A throw-away OpenPGP key made by the real gpg, in a home of its own.
final class Signer: Sendable {
    /// One key for all tests of this process; making one takes half a second.
    static let shared: Result<Signer, any Error> = Result { try Signer(name: "Release Key") }
    /// A key the hub does not know.
    static let stranger: Result<Signer, any Error> = Result { try Signer(name: "Stranger") }

    /// Removed when the process ends; the agent ends with it.
    let home: String
    let fingerprint: String
    let armoredKey: [UInt8]

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
    func sign(_ bytes: [UInt8]) throws -> [UInt8] {
        try Signer.gpg(
            home, ["--detach-sign", "--armor", "--passphrase", "", "--pinentry-mode", "loopback", "-o", "-", "-"],
            stdin: bytes)
    }

    private static func gpg(_ home: String, _ arguments: [String], stdin: [UInt8] = []) throws -> [UInt8] {
        let result = try Processes.run(
            ProcessSpec(
                executable: "/usr/bin/gpg", arguments: ["--batch", "--yes", "--homedir", home] + arguments,
                environment: ["LC_ALL": "C", "PATH": "/usr/bin:/bin"], stdin: .bytes(stdin), outputLimit: 1 << 20))
        guard result.isSuccess else { throw ToolFailure(String(decoding: result.errorOutput, as: UTF8.self)) }
        return result.output
    }
}

struct ToolFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Makes tar.gz archives with the machine's own tar.
enum Archive {
    /// The archive of a tree given as path and content; a path that ends with `*` is executable.
    static func tarGzip(_ files: [String: String], in scratch: String) throws -> [UInt8] {
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

    static func tar(_ arguments: [String]) throws -> [UInt8] {
        let result = try Processes.run(
            ProcessSpec(
                executable: "/usr/bin/tar", arguments: arguments, environment: ["PATH": "/usr/bin:/bin"],
                outputLimit: 256 << 20))
        guard result.isSuccess else { throw ToolFailure(String(decoding: result.errorOutput, as: UTF8.self)) }
        return result.output
    }
}
