import AuroraAudit
import AuroraHTTP
import AuroraModel
import Testing

@testable import AuroraHub

@Suite("Who may call what, from the route table")
struct RoleMatrixTests {
    /// A path of the route with something in every hole.
    private func path(_ route: Route) -> String {
        let filled = route.pattern.pieces.map { piece in
            switch piece {
            case .literal(let text): text
            case .hole("name"), .hole("filename"): "nobody-of-that-name"
            case .hole("id"): "xx-unknown"
            case .hole("keyid"): "0123456789abcdef"
            case .hole: String(repeating: "0", count: 64)
            case .rest: "0/000"
            }
        }
        return "/" + filled.joined(separator: "/")
    }

    private func call(_ hub: TestHub, _ route: Route, port: HubPort, token: String?) -> TestHub.Answer {
        switch route.body {
        case .none: hub.send(route.method, path(route), port: port, token: token)
        case .json: hub.send(route.method, path(route), port: port, token: token, json: [:])
        case .form: hub.send(route.method, path(route), port: port, token: token, form: "x=")
        case .stream(let types, _):
            hub.send(
                route.method, path(route), port: port, token: token,
                headers: types.first.map { ["Content-Type": $0] } ?? [:])
        case .multipart:
            hub.send(
                route.method, path(route), port: port, token: token,
                headers: ["Content-Type": "multipart/form-data; boundary=x"])
        }
    }

    @Test("S-01 every route but the open ones answers 401 without, with a broken, an expired and a revoked token")
    func authentication() throws {
        try withHub { hub in
            let admin = try hub.admin()
            let viewer = try hub.person("vic", .viewer)
            let tokens = hub.send(.get, "/api/v1/tokens", token: viewer).json["items"]
            let id = try #require(tokens?[0]?["id"]?.string)
            #expect(hub.send(.delete, "/api/v1/tokens/\(id)", token: admin).status == 204)
            let short = hub.send(
                .post, "/api/v1/tokens", token: admin, json: ["name": "short", "expiresInSeconds": 60])
            let expired = try #require(short.json["secret"]?.string)
            hub.clock.advance(seconds: 61)
            let known: [String?] = [nil, "aur_broken", "", expired, viewer]
            for route in hub.hub.table.routes where route.access != .open {
                for port in route.ports {
                    for token in known {
                        let answer = call(hub, route, port: port, token: token)
                        // A page shows people where to log in; everything else says 401.
                        if case .page = route.family, answer.status == 303 {
                            #expect(answer.headers["Location"]?.hasPrefix("/login") == true, "\(route.name)")
                            continue
                        }
                        #expect(answer.status == 401, "\(route.name) with \(token ?? "no token")")
                        #expect(answer.headers["WWW-Authenticate"] != nil)
                    }
                }
            }
            let open = hub.hub.table.routes.filter { $0.access == .open }.map(\.name)
            let assets = open.filter { $0.hasPrefix("GET /ui/aurora.") }
            #expect(
                Set(open).subtracting(assets).isSubset(of: [
                    "GET /healthz", "POST /api/v1/session", "GET /login", "POST /ui/session",
                ]), "\(open)")
        }
    }

    @Test("S-02 each role gets 403 exactly where its rights end, on every route", arguments: Role.allCases)
    func roles(_ role: Role) throws {
        try withHub { hub in
            _ = try hub.admin()
            let token = try hub.person("someone", role)
            for route in hub.hub.table.routes {
                for port in route.ports {
                    let answer = call(hub, route, port: port, token: token)
                    guard let right = route.right else {
                        #expect(answer.status != 500, "\(route.name)")
                        continue
                    }
                    if role.has(right) {
                        #expect(answer.status != 403 && answer.status != 401, "\(role) \(route.name): \(answer.text)")
                        #expect(answer.status < 500, "\(role) \(route.name): \(answer.text)")
                    } else {
                        #expect(answer.status == 403, "\(role) \(route.name): \(answer.status)")
                        if case .page = route.family { continue }
                        #expect(answer.code == "forbidden")
                    }
                }
            }
        }
    }

    @Test("S-13 every answer carries the security headers, errors and redirects included")
    func securityHeaders() throws {
        try withHub { hub in
            let admin = try hub.admin()
            for route in hub.hub.table.routes {
                for port in route.ports {
                    for token in [nil, admin] {
                        let answer = call(hub, route, port: port, token: token)
                        for name in [
                            "Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cache-Control",
                            "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "X-Frame-Options",
                        ] { #expect(answer.headers[name] != nil, "\(route.name) lacks \(name)") }
                    }
                }
            }
        }
    }

    @Test("a GET changes nothing: none is audited, and the log does not grow by reading")
    func reading() throws {
        try withHub { hub in
            let admin = try hub.admin()
            let before = try hub.hub.audit.size
            for route in hub.hub.table.routes where route.method == .get && route.access != .open {
                #expect(!route.isAudited)
                for port in route.ports where Role.admin.has(route.right ?? .read) {
                    _ = call(hub, route, port: port, token: admin)
                }
            }
            let after = try hub.hub.audit.size
            #expect(after == before)
        }
    }
}
