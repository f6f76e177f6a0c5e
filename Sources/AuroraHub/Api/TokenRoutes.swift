import AuroraHTTP
import AuroraModel

/// API tokens: shown once, kept as hashes, scoped and expiring.
struct TokenRoutes {
    let accounts: Accounts

    var routes: [Route] { [list, create, remove] }

    private var list: Route {
        Route(
            .get, "/api/v1/tokens", .right(.manageOwnAccount), "List one's own tokens; an admin sees all.",
            parameters: RouteParameter.paging, responses: [.list(of: "Token")]
        ) { [accounts] context in
            let sender = try context.sender()
            let found = try accounts.tokens(
                of: sender.rights.contains(.manageTokens) ? nil : sender.user, after: context.query("cursor") ?? "",
                limit: context.limit + 1)
            return .page(found, limit: context.limit, key: \.id.text) { .object(Self.json($0)) }
        }
    }

    private var create: Route {
        Route(
            .post, "/api/v1/tokens", .right(.manageOwnAccount), "Make a token for oneself.",
            body: .json([
                .text("name", maximum: 100, "What it is for."),
                BodyField(
                    "role", .choice(Role.allCases.map(\.rawValue)), required: false,
                    "At most what the sender may do; the sender's own when left out."),
                BodyField(
                    "expiresInSeconds", .integer(60...31_536_000), required: false, "90 days when left out."),
            ]),
            responses: [RouteResponse(201, "Made; the secret is shown only here.", "NewToken")], answersSecret: true
        ) { [accounts] context in
            let (token, secret) = try accounts.makeToken(
                name: context.text("name"), role: context.optionalText("role").flatMap { Role(rawValue: $0) },
                lifetime: context.optionalInteger("expiresInSeconds"), for: context.sender(), by: context.actor())
            var object = Self.json(token)
            object["secret"] = .string(secret)
            return .json(.object(object), status: 201)
        }
    }

    private var remove: Route {
        Route(
            .delete, "/api/v1/tokens/{id}", .right(.manageOwnAccount),
            "Revoke a token: the next request with it is refused.", responses: [.noContent]
        ) { [accounts] context in
            try accounts.deleteToken(
                context.identifier("id", TokenID.self), for: context.sender(), by: context.actor())
            return .noContent
        }
    }

    private static func json(_ token: APIToken) -> JSONObject {
        [
            "id": .string(token.id.text), "name": .string(token.name), "user": .string(token.user.text),
            "role": .string(token.role.rawValue), "created": JSONValue(token.created),
            "expires": JSONValue(token.expires), "lastUsed": JSONValue(token.lastUsed),
        ]
    }
}
