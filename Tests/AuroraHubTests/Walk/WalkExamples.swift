import AuroraCrypto
import AuroraHTTP
import AuroraModel
import AuroraTrust
import Foundation
import Testing

@testable import AuroraHub

/// A call of one route that works, and the action it leaves in the log.
struct WalkExample: Sendable {
    let action: String
    var policy = ""
    var health = ""
    let make: @Sendable (WalkScene) throws -> WalkCall

    init(
        _ action: String, policy: String = "", health: String = "",
        _ make: @escaping @Sendable (WalkScene) throws -> WalkCall
    ) {
        self.action = action
        self.policy = policy
        self.health = health
        self.make = make
    }

    /// Every changing route; a new one needs a line here.
    static let all = accounts.merging(artifacts) { $1 }.merging(changes) { $1 }.merging(prototype) { $1 }
        .merging(pages) { $1 }

    private static let accounts: [String: WalkExample] = [
        "POST /api/v1/session": WalkExample("session.open") {
            let password = try $0.password("pat")
            return WalkCall(
                by: "pat", target: "/api/v1/session", json: ["user": "pat", "password": .string(password)])
        },
        "DELETE /api/v1/session": WalkExample("session.close") { try $0.browsing("/api/v1/session") },
        "POST /api/v1/users": WalkExample("user.create") {
            try $0.call("root", "/api/v1/users", ["name": "pat", "role": "viewer"])
        },
        "PATCH /api/v1/users/{name}": WalkExample("user.change") {
            _ = try $0.token("rel")
            return try $0.call("root", "/api/v1/users/rel", ["role": "viewer"])
        },
        "DELETE /api/v1/users/{name}": WalkExample("user.remove") {
            _ = try $0.token("rel")
            return try $0.call("root", "/api/v1/users/rel")
        },
        "POST /api/v1/users/{name}/keys": WalkExample("key.propose") {
            let key = OperatorPublicKey(key: Ed25519PrivateKey().publicKey, name: "app").description
            return try $0.call("app", "/api/v1/users/app/keys", ["key": .string(key)])
        },
        "POST /api/v1/users/{name}/keys/{keyid}/admit": WalkExample("key.admit") {
            try $0.call("root", "/api/v1/users/app/keys/\(try $0.proposed())/admit")
        },
        "DELETE /api/v1/users/{name}/keys/{keyid}": WalkExample("key.revoke") {
            try $0.call("app", "/api/v1/users/app/keys/\(try $0.proposed())")
        },
        "POST /api/v1/login-codes": WalkExample("login-code.create") {
            try $0.call("root", "/api/v1/login-codes", [:])
        },
        "POST /api/v1/tokens": WalkExample("token.create") { try $0.call("rel", "/api/v1/tokens", ["name": "ci"]) },
        "DELETE /api/v1/tokens/{id}": WalkExample("token.delete") {
            let made = $0.hub.send(.post, "/api/v1/tokens", token: try $0.token("rel"), json: ["name": "ci"])
            return try $0.call("rel", "/api/v1/tokens/\(made.json["id"]?.string ?? "")")
        },
    ]

    private static let artifacts: [String: WalkExample] = [
        "PUT /api/v1/artifacts/{filename}": WalkExample("artifact.upload") {
            WalkCall(by: "rel", token: try $0.token("rel"), target: "/api/v1/artifacts/a.tar", body: [1])
        },
        "PUT /artifacts/{filename}": WalkExample("artifact.upload") {
            WalkCall(by: "rel", token: try $0.token("rel"), target: "/artifacts/a.tar", body: [1])
        },
        "DELETE /api/v1/artifacts/{sha256}": WalkExample("artifact.delete") {
            try $0.call("rel", "/api/v1/artifacts/\(try $0.upload())")
        },
        "POST /api/v1/uploads": begin("/api/v1"), "POST /uploads": begin(""),
        "PATCH /api/v1/uploads/{id}": append("/api/v1", .dashboard), "PATCH /uploads/{id}": append("", .updater),
        "DELETE /api/v1/uploads/{id}": WalkExample("upload.cancel") {
            try $0.call("rel", "/api/v1/uploads/\(try $0.begun("/api/v1", .dashboard))")
        },
        "DELETE /uploads/{id}": WalkExample("upload.cancel") {
            try $0.call("rel", "/uploads/\(try $0.begun("", .updater))")
        },
        "POST /api/v1/releases": WalkExample("release.stage") {
            try $0.call(
                "rel", "/api/v1/releases", ["artifact": .string(try $0.archive("1"))], headers: ["Prefer": "wait=30"])
        },
        "POST /api/v1/releases/{sha256}/trial": WalkExample("release.try", health: "[/bin/true]") {
            try $0.call(
                "rel", "/api/v1/releases/\(try $0.staged())/trial", ["target": "gateway"],
                headers: ["Prefer": "wait=30"])
        },
        "DELETE /api/v1/releases/{sha256}": WalkExample("release.delete") {
            try $0.call("rel", "/api/v1/releases/\(try $0.staged())")
        },
    ]

    private static func begin(_ prefix: String) -> WalkExample {
        WalkExample("upload.begin") {
            WalkCall(
                by: "rel", token: try $0.token("rel"), target: "\(prefix)/uploads?filename=a.tar",
                headers: ["Upload-Complete": "?0"], body: [1])
        }
    }

    private static func append(_ prefix: String, _ port: HubPort) -> WalkExample {
        WalkExample("artifact.upload") {
            WalkCall(
                by: "rel", token: try $0.token("rel"), target: "\(prefix)/uploads/\(try $0.begun(prefix, port))",
                headers: [
                    "Upload-Offset": "2", "Upload-Complete": "?1", "Content-Type": "application/partial-upload",
                ], body: [3])
        }
    }

    private static let byHand = ", apply: by-hand"

    private static let changes: [String: WalkExample] = [
        "POST /api/v1/targets/{name}/promote": WalkExample("target.promote", policy: byHand) {
            let suggestion = try $0.approved()
            let plan = $0.hub.send(.get, "/api/v1/suggestions/\(suggestion.id)/plan", token: try $0.token("rel"))
            return try $0.call(
                "rel", "/api/v1/targets/gateway/promote",
                ["release": plan.json["to"]?["artifact"] ?? "", "reason": .string($0.reason)])
        },
        "POST /api/v1/targets/{name}/rollback": WalkExample("target.take-back") {
            _ = try $0.approved()
            return try $0.call("app", "/api/v1/targets/gateway/rollback", ["reason": .string($0.reason)])
        },
        "DELETE /api/v1/targets/{name}/blocked/{digest}": WalkExample(
            "target.unblock", health: "[/bin/false]"
        ) {
            _ = try $0.approved("bad")
            let target = $0.hub.send(.get, "/api/v1/targets/gateway", token: try $0.token("app"))
            let tree = try #require(target.json["blocked"]?[0]?.string, "\(target.text)")
            return try $0.call(
                "app", "/api/v1/targets/gateway/blocked/\(tree)", ["reason": .string($0.reason)])
        },
        "POST /api/v1/suggestions": WalkExample("suggestion.file") {
            try $0.call(
                "rel", "/api/v1/suggestions",
                [
                    "action": "promote", "target": "gateway", "release": .string(try $0.staged()),
                    "reason": .string($0.reason),
                ])
        },
        "POST /api/v1/suggestions/{id}/approve": vote("approve"),
        "POST /api/v1/suggestions/{id}/reject": vote("reject"),
        "POST /api/v1/suggestions/{id}/withdraw": WalkExample("suggestion.withdraw") {
            try $0.call(
                "rel", "/api/v1/suggestions/\(try $0.filed().id)/withdraw", ["reason": .string($0.reason)])
        },
        "POST /api/v1/suggestions/{id}/start": WalkExample("suggestion.start", policy: byHand) {
            try $0.call("app", "/api/v1/suggestions/\(try $0.approved().id)/start", [:])
        },
        "POST /api/v1/suggestions/{id}/countersign": WalkExample(
            "suggestion.countersign", policy: ", countersignature: true, countersign_keys: [\"\(groundKey)\"]"
        ) {
            let id = try $0.approved().id
            let votes = $0.hub.send(.get, "/api/v1/suggestions/\(id)/approvals", token: try $0.token("app"))
            let recorded = try #require(votes.json["items"]?[0]?["envelope"], "\(votes.text)")
            var envelope = try Envelope(parsing: recorded.compactBytes)
            envelope.sign(with: ground)
            return try $0.call("app", "/api/v1/suggestions/\(id)/countersign", ["envelope": envelope.json])
        },
        "POST /api/v1/changes/{id}/abort": WalkExample("change.abort", health: "[/bin/sleep, \"600\"]") {
            let started = $0.hub.send(
                .post, "/api/v1/releases/\(try $0.staged())/trial", token: try $0.token("rel"),
                json: ["target": "gateway"])
            let id = try #require(started.json["id"]?.string, "\(started.text)")
            return try $0.call("rel", "/api/v1/changes/\(id)/abort", ["reason": .string($0.reason)])
        },
    ]

    private static let ground = Ed25519PrivateKey()
    private static let groundKey = OperatorPublicKey(key: ground.publicKey, name: "ground").description

    private static func vote(_ word: String) -> WalkExample {
        WalkExample("suggestion.\(word)") {
            let suggestion = try $0.filed()
            return try $0.call(
                "app", "/api/v1/suggestions/\(suggestion.id)/\(word)",
                ["plan": .string(suggestion.plan), "reason": .string($0.reason)])
        }
    }

    private static let prototype: [String: WalkExample] = [
        "POST /promote": WalkExample("target.promote", policy: byHand) {
            let suggestion = try $0.approved()
            let plan = $0.hub.send(.get, "/api/v1/suggestions/\(suggestion.id)/plan", token: try $0.token("rel"))
            return try $0.call("rel", "/promote?hash=\(plan.json["to"]?["artifact"]?.string ?? "")")
        },
        "POST /approve": WalkExample("suggestion.approve") {
            try $0.call("app", "/approve", ["file": .string(try $0.filed().id), "reason": .string($0.reason)])
        },
        "POST /api/updater/upload": WalkExample("artifact.upload") {
            WalkCall(
                by: "rel", token: try $0.token("rel"), target: "/api/updater/upload", body: [1], multipart: "artifact")
        },
        "POST /api/updater/stage": WalkExample("release.stage") {
            try $0.call("rel", "/api/updater/stage", form: "filename=\(try $0.archive("1"))")
        },
        "POST /api/suggestions/approve": WalkExample("suggestion.approve") {
            try $0.call("app", "/api/suggestions/approve?file=\(try $0.filed().id)", form: "reason=read+the+whole+diff")
        },
    ]

    private static let pages: [String: WalkExample] = [
        "POST /ui/session": WalkExample("session.open") {
            let password = try $0.password("pat").replacing(" ", with: "+")
            return WalkCall(by: "pat", target: "/ui/session", form: "user=pat&password=\(password)&code=")
        },
        "POST /ui/logout": WalkExample("session.close") { try $0.browsing("/ui/logout", form: "x=") },
        "POST /ui/upload": WalkExample("artifact.upload") {
            WalkCall(by: "rel", token: try $0.token("rel"), target: "/ui/upload", body: [1], multipart: "artifact")
        },
        "POST /ui/stage": WalkExample("release.stage") {
            try $0.call("rel", "/ui/stage", form: "artifact=\(try $0.archive("1"))")
        },
        "POST /ui/promote": WalkExample("suggestion.file") {
            try $0.call(
                "rel", "/ui/promote", form: "target=gateway&release=\(try $0.staged())&reason=read+the+whole+diff")
        },
        "POST /ui/rollback": WalkExample("target.take-back") {
            _ = try $0.approved()
            return try $0.call("app", "/ui/rollback", form: "target=gateway&reason=read+the+whole+diff")
        },
        "POST /ui/approve": decision("approve"), "POST /ui/reject": decision("reject"),
        "POST /ui/start": WalkExample("suggestion.start", policy: byHand) {
            let suggestion = try $0.approved()
            return try $0.call("app", "/ui/start", form: "suggestion=\(suggestion.id)&plan=\(suggestion.plan)")
        },
    ]

    private static func decision(_ word: String) -> WalkExample {
        WalkExample("suggestion.\(word)") {
            let suggestion = try $0.filed()
            return try $0.call(
                "app", "/ui/\(word)",
                form: "suggestion=\(suggestion.id)&plan=\(suggestion.plan)&reason=read+the+whole+diff")
        }
    }
}
