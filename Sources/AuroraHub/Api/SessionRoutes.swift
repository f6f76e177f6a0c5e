import AuroraHTTP
import AuroraModel

/// Logging in and out.
struct SessionRoutes {
    let accounts: Accounts
    let settings: AccountSettings

    var routes: [Route] { [open, close, whoami] }

    private var open: Route {
        Route(
            .post, "/api/v1/session", .open,
            "Log in with the code of a one-time link, or with a name and a password.",
            body: .json([
                .text("code", maximum: 200, required: false, "The code after # in the login link."),
                .text(
                    "user", maximum: 64, required: false, "The account; with the first code, the first admin's name."),
                .text("password", maximum: 256, required: false, "At least 12 characters."),
            ]),
            responses: [.ok("Session", "Logged in; the cookie is set.")], audited: true, answersSecret: true
        ) { [self] context in try logIn(context) }
    }

    func logIn(_ context: RequestContext) throws -> HTTPResponse {
        let address = context.head.remoteAddress
        let login: Accounts.Login
        if let code = context.optionalText("code") {
            login = try accounts.logIn(
                code: code, firstAdmin: context.optionalText("user"), password: context.optionalText("password"),
                at: address)
        } else if let name = context.optionalText("user"), let password = context.optionalText("password") {
            login = try accounts.logIn(name: name, password: password, at: address)
        } else {
            throw Problem.badRequest(
                "neither a code nor a user with a password was sent", remedy: "send code, or user and password")
        }
        var response = HTTPResponse.json([
            "user": .string(login.identity.user.text), "role": .string(login.identity.role.rawValue),
            "csrf": .string(login.csrf), "expires": JSONValue(login.expires), "dev": .bool(settings.isDev),
        ])
        let tls = accounts.authenticator.isTLS(context.head)
        response.headers.append("Set-Cookie", Self.cookie(login.secret, tls: tls))
        return response
    }

    /// The session cookie: not readable by scripts, never sent by other sites' pages, and under TLS bound to this host.
    static func cookie(_ secret: String, tls: Bool) -> String {
        let name = Authenticator.cookieName(tls: tls)
        return "\(name)=\(secret); Path=/; HttpOnly; SameSite=Strict" + (tls ? "; Secure" : "")
    }

    /// A cookie that makes the browser forget the session.
    static func expiredCookie(tls: Bool) -> String {
        let name = Authenticator.cookieName(tls: tls)
        return "\(name)=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0" + (tls ? "; Secure" : "")
    }

    private var close: Route {
        Route(
            .delete, "/api/v1/session", .account, "Log out: the session ends at once.",
            responses: [.noContent]
        ) { [self] context in try logOut(context) }
    }

    func logOut(_ context: RequestContext) throws -> HTTPResponse {
        guard try context.sender().isSession, let secret = accounts.authenticator.sessionSecret(context.head) else {
            throw Problem.badRequest(
                "a token has no session to end", remedy: "delete the token with DELETE /api/v1/tokens/{id}")
        }
        try accounts.logOut(secret: secret, by: context.actor())
        var response = HTTPResponse.noContent
        let tls = accounts.authenticator.isTLS(context.head)
        response.headers.append("Set-Cookie", Self.expiredCookie(tls: tls))
        return response
    }

    private var whoami: Route {
        Route(
            .get, "/api/v1/whoami", on: [.dashboard, .updater], .account, "Who the sender is and what they may do.",
            responses: [.ok("Identity")]
        ) { [settings] context in
            let identity = try context.sender()
            return .json([
                "user": .string(identity.user.text), "role": .string(identity.role.rawValue),
                "rights": JSONValue(identity.rights.map(\.rawValue).sorted()),
                "via": .string(identity.via.description), "csrf": JSONValue(context.csrf),
                "expires": JSONValue(identity.expires), "dev": .bool(settings.isDev),
            ])
        }
    }
}
