import AuroraModel
import AuroraSystem

/// The access tokens this user has stored, one file of mode 0600 per hub.
struct Credentials {
    private let surroundings: Surroundings

    init(_ surroundings: Surroundings) { self.surroundings = surroundings }

    /// What was stored at login.
    struct Stored: Sendable {
        let user: String
        let tokenID: String
        let token: String
    }

    /// The token to use: `--token-file`, `$AURORA_TOKEN_FILE`, `$AURORA_API_TOKEN`, then what login stored.
    func token(for hub: String, line: ParsedCommand) throws(CommandError) -> String? {
        if let file = line.value("token-file") { return try secret(file) }
        if let file = surroundings.environment["AURORA_TOKEN_FILE"], !file.isEmpty { return try secret(file) }
        if let token = surroundings.environment["AURORA_API_TOKEN"], !token.isEmpty { return token }
        return try stored(for: hub)?.token
    }

    /// What login stored for this hub.
    func stored(for hub: String) throws(CommandError) -> Stored? {
        let path = file(for: hub)
        guard LocalFile.exists(path) else { return nil }
        let bytes = try LocalFile.secret(path, what: "credential")
        guard let value = try? JSONParser.parse(bytes), let token = value["token"]?.string else {
            throw CommandError(
                "the stored credential \(path) is damaged", remedy: "aurora login --hub \(hub)",
                code: "credential_damaged", exit: .notAuthenticated)
        }
        return Stored(user: value.text("user"), tokenID: value.text("id"), token: token)
    }

    /// Stores a token for a hub, readable by this user only.
    func store(_ credential: Stored, for hub: String) throws {
        let path = file(for: hub)
        try FolderMaker.make(LocalFile.folder(path))
        let value: JSONValue = [
            "hub": .string(hub), "user": .string(credential.user), "id": .string(credential.tokenID),
            "token": .string(credential.token),
        ]
        try LocalFile.write(path, value.prettyBytes, mode: 0o600)
    }

    /// Forgets what login stored for this hub.
    func forget(_ hub: String) throws(CommandError) {
        do {
            try DurableFile.remove(file(for: hub))
        } catch {
            throw LocalFile.failure("cannot remove \(file(for: hub))", error)
        }
    }

    private func secret(_ path: String) throws(CommandError) -> String {
        String(decoding: try LocalFile.secret(path, what: "token"), as: UTF8.self)
    }

    private func file(for hub: String) -> String {
        let name = hub.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-") ? $0 : "_" }
        return surroundings.configurationFolder + "/credentials/" + String(name) + ".json"
    }
}
