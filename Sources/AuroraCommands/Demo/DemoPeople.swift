import AuroraCrypto
import AuroraModel
import AuroraTrust

/// The people of the demo, each with a token of their own: who asks is never who approves.
struct DemoPeople {
    /// Runs the hub's accounts; may not vote.
    let admin: HubClient
    /// Uploads, stages and asks.
    let rita: HubClient
    /// Approves, with a key the hub does not have.
    let owen: HubClient
    let owenKey: Ed25519PrivateKey
    /// The id the hub knows Owen's key by.
    let owenKeyID: String

    /// What Owen's key file is locked with.
    static let passphrase = "throw-away passphrase"

    /// The first admin comes in by the one-time code; the others get accounts, links and tokens from her.
    static func arrive(at hub: DemoHub, places: DemoPlaces) throws -> DemoPeople {
        let admin = try client(hub, [("code", .string(try hub.firstCode())), ("user", "ada")])
        let rita = try invite("rita", role: "release", by: admin, hub)
        let owen = try invite("owen", role: "approver", by: admin, hub)
        let passphrase = Array(Self.passphrase.utf8)
        let file = try OperatorKeyFile.generate(name: "owen", passphrase: passphrase)
        try file.save(to: places.owenKey)
        let key = try owen.post("/api/v1/users/owen/keys", [("key", .string("\(file.publicKey)"))])
        try admin.post("/api/v1/users/owen/keys" + URLText.path(key.text("id"), "admit"))
        return DemoPeople(
            admin: admin, rita: rita, owen: owen, owenKey: try file.unlock(passphrase: passphrase),
            owenKeyID: key.text("id"))
    }

    private static func invite(_ name: String, role: String, by admin: HubClient, _ hub: DemoHub) throws -> HubClient {
        try admin.post("/api/v1/users", [("name", .string(name)), ("role", .string(role))])
        let link = try admin.post("/api/v1/login-codes", [("user", .string(name))]).text("link")
        return try client(hub, [("code", .string(Login.code(in: link)))])
    }

    /// Logs in and goes on with a token.
    private static func client(_ hub: DemoHub, _ proof: [(String, JSONValue)]) throws -> HubClient {
        let anonymous = try hub.anonymous()
        let (session, _) = try Session.open(anonymous, proof)
        defer { session.close() }
        let token = try session.hub.post(
            "/api/v1/tokens", [("name", "demo"), ("expiresInSeconds", .integer(86400))])
        return anonymous.with(token: token.text("secret"))
    }
}
