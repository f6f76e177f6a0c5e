import AuroraCrypto
import AuroraHTTP
import AuroraModel
import AuroraTrust
import Foundation
import Testing

@testable import AuroraHub

/// One request of a walk over the routes, by somebody the hub knows.
struct WalkCall {
    var by: String
    var token: String?
    var target: String
    var headers: HTTPHeaders = [:]
    var json: JSONValue?
    var form: String?
    var body: [UInt8]?
    /// The field of a form with one file, which goes over a socket.
    var multipart: String?
}

/// A hub in a state in which a call works.
final class WalkScene {
    let hub: TestHub
    let reason = "for the walk over all routes"

    init(_ hub: TestHub) throws {
        self.hub = hub
        _ = try hub.admin()
    }

    func token(_ name: String) throws -> String {
        try hub.person(name, ["rel": Role.release, "app": .approver, "root": .admin][name] ?? .viewer)
    }

    /// A call of `name` with a token.
    func call(_ name: String, _ target: String, _ json: JSONValue? = nil, headers: HTTPHeaders = [:]) throws -> WalkCall
    {
        WalkCall(by: name, token: try token(name), target: target, headers: headers, json: json)
    }

    func call(_ name: String, _ target: String, form: String) throws -> WalkCall {
        WalkCall(by: name, token: try token(name), target: target, form: form)
    }

    func upload(_ name: String = "a.tar", _ bytes: [UInt8] = [1, 2, 3]) throws -> String {
        let answer = hub.send(.put, "/api/v1/artifacts/\(name)", token: try token("rel"), body: bytes)
        return try #require(answer.json["sha256"]?.string, "\(answer.text)")
    }

    func archive(_ version: String) throws -> String {
        try upload("app-\(version).tar.gz", hub.archive(["VERSION": version]))
    }

    func staged(_ version: String = "1") throws -> String { try hub.staged(version, token: token("rel")) }

    /// A suggestion that waits: its id and its plan.
    func filed(_ version: String = "1") throws -> (id: String, plan: String) {
        let answer = hub.send(
            .post, "/api/v1/targets/gateway/promote", token: try token("rel"),
            json: ["release": .string(try staged(version)), "reason": .string(reason)])
        let suggestion = try #require(answer.json["suggestion"], "\(answer.text)")
        return (try #require(suggestion["id"]?.string), try #require(suggestion["plan"]?.string))
    }

    /// The same after a yes; the change has ended when the policy starts it by itself.
    func approved(_ version: String = "1") throws -> (id: String, plan: String) {
        let suggestion = try filed(version)
        let answer = hub.send(
            .post, "/api/v1/suggestions/\(suggestion.id)/approve", token: try token("app"),
            json: ["plan": .string(suggestion.plan), "reason": .string(reason)])
        try #require(answer.status == 200, "\(answer.text)")
        if let change = answer.json["change"]?.string { _ = hub.ended(change, token: try token("app")) }
        return suggestion
    }

    func begun(_ prefix: String, _ port: HubPort) throws -> String {
        let answer = hub.send(
            .post, "\(prefix)/uploads?filename=a.tar", port: port, token: try token("rel"),
            headers: ["Upload-Complete": "?0"], body: [1, 2])
        return try #require(answer.json["id"]?.string, "\(answer.text)")
    }

    func proposed() throws -> String {
        let key = OperatorPublicKey(key: Ed25519PrivateKey().publicKey, name: "app").description
        let answer = hub.send(.post, "/api/v1/users/app/keys", token: try token("app"), json: ["key": .string(key)])
        return try #require(answer.json["id"]?.string, "\(answer.text)")
    }

    func password(_ name: String) throws -> String {
        let password = "a very plain password"
        let made = hub.send(
            .post, "/api/v1/users", token: try token("root"),
            json: ["name": .string(name), "role": "viewer", "password": .string(password)])
        try #require(made.status == 201, "\(made.text)")
        return password
    }

    /// A call of a browser that is logged in.
    func browsing(_ target: String, form: String? = nil) throws -> WalkCall {
        let browser = try hub.browser("root")
        return WalkCall(by: "root", target: target, headers: browser.changing, form: form.map { $0 })
    }
}
