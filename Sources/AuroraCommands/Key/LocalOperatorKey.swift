import AuroraCrypto
import AuroraModel
import AuroraTrust

/// Where this user's operator key lies, and how it is opened.
enum LocalOperatorKey {
    /// The file of `--key`, else the one `aurora key generate` writes.
    static func path(_ invocation: Invocation) -> String {
        invocation.line.value("key") ?? folder(invocation) + "/operator.key"
    }

    /// The folder of this user's operator keys.
    static func folder(_ invocation: Invocation) -> String {
        invocation.surroundings.configurationFolder + "/keys"
    }

    /// Opens a key with its passphrase.
    static func unlock(_ path: String, _ invocation: Invocation) throws -> Ed25519PrivateKey {
        let file = try load(path)
        return try file.unlock(passphrase: try invocation.passphrase(prompt: "Passphrase of \(path)"))
    }

    /// The public half of a key file, without its passphrase.
    static func publicText(_ path: String) throws(CommandError) -> String { "\(try load(path).publicKey)" }

    private static func load(_ path: String) throws(CommandError) -> OperatorKeyFile {
        do {
            return try OperatorKeyFile.load(from: path)
        } catch {
            throw CommandError(
                "cannot read the operator key \(path)", cause: "\(error)", remedy: "aurora key generate",
                code: "key_unreadable", exit: .notFound)
        }
    }
}
