import AuroraHTTP
import AuroraModel

/// Accounts and operators' keys.
struct UserRoutes {
    let accounts: Accounts

    var routes: [Route] { [list, create, show, edit, remove, propose, admit, revoke, makeLoginCode] }

    private static let roles = Role.allCases.map(\.rawValue)

    // MARK: Users

    private var list: Route {
        Route(
            .get, "/api/v1/users", .right(.manageUsers), "List the accounts.", parameters: RouteParameter.paging,
            responses: [.list(of: "User")]
        ) { [self] context in
            let found = try accounts.users(after: context.query("cursor") ?? "", limit: context.limit + 1)
            return try .page(found, limit: context.limit, key: \.name.text) { try json($0) }
        }
    }

    private var create: Route {
        Route(
            .post, "/api/v1/users", .right(.manageUsers), "Make an account.",
            body: .json([
                .text("name", maximum: 64, "1 to 64 of a-z 0-9 . _ - @."),
                BodyField("role", .choice(Self.roles), "What the user may do."),
                .text(
                    "password", maximum: 256, required: false, "At least 12 characters; without one, use a login link."),
            ]),
            responses: [RouteResponse(201, "Made.", "User")], fullRole: true
        ) { [self] context in
            let name = try UserName.require(context.text("name"))
            guard let role = Role(rawValue: context.text("role")) else { throw Problem.badRequest("unknown role") }
            let user = try accounts.create(
                name, role: role, password: context.optionalText("password"), by: context.actor())
            return try answer(user, status: 201)
        }
    }

    private var show: Route {
        Route(
            .get, "/api/v1/users/{name}", .account, "Show one account; everybody may see their own.",
            responses: [.ok("User")]
        ) { [self] context in
            let name = try context.identifier("name", UserName.self)
            let sender = try context.sender()
            guard name == sender.user || sender.rights.contains(.manageUsers) else {
                throw Problem.notFound("user", name.text)
            }
            return try answer(accounts.user(name))
        }
    }

    private var edit: Route {
        Route(
            .patch, "/api/v1/users/{name}", .account,
            "Change an account: an admin its role, state or password, everybody their own password.",
            parameters: [.header("If-Match", "The ETag the change is based on.")],
            body: .json([
                BodyField("role", .choice(Self.roles), required: false, "The new role."),
                BodyField("active", .boolean, required: false, "False closes the account at once."),
                .text("password", maximum: 256, required: false, "The new password, at least 12 characters."),
                .text("currentPassword", maximum: 256, required: false, "For one's own account, if it has one."),
            ]),
            responses: [.ok("User")], fullRole: true
        ) { [self] context in try edit(context) }
    }

    private func edit(_ context: RequestContext) throws -> HTTPResponse {
        let name = try context.identifier("name", UserName.self)
        let sender = try context.sender()
        let isAdmin = sender.rights.contains(.manageUsers)
        guard name == sender.user || isAdmin else { throw Problem.notFound("user", name.text) }
        let edit = Accounts.Edit(
            role: context.optionalText("role").flatMap { Role(rawValue: $0) }, isActive: context.optionalBool("active"),
            password: context.optionalText("password"), expectedRevision: try Self.expectedRevision(context))
        guard isAdmin || (edit.role == nil && edit.isActive == nil && edit.password != nil) else {
            throw Problem.forbidden(
                "only an admin changes roles and states", remedy: "send only password and currentPassword")
        }
        guard name == sender.user else { return try answer(accounts.edit(name, edit, by: context.actor())) }
        let current = context.optionalText("currentPassword")
        return try answer(accounts.editOwn(name, edit, current: current, by: context.actor()))
    }

    private static func expectedRevision(_ context: RequestContext) throws(Problem) -> Int64? {
        guard let header = context.head.headers["If-Match"], header.trimmed != "*" else { return nil }
        guard let revision = Int64(header.trimmed.filter { $0 != "\"" }) else {
            throw Problem(
                412, "precondition_failed", "the If-Match field is not an ETag of this user",
                remedy: "send the ETag of GET /api/v1/users/{name}")
        }
        return revision
    }

    private var remove: Route {
        Route(
            .delete, "/api/v1/users/{name}", .right(.manageUsers),
            "Close an account for good: its sessions, tokens and keys end at once, its name stays taken.",
            responses: [.noContent], fullRole: true
        ) { [self] context in
            try accounts.remove(context.identifier("name", UserName.self), by: context.actor())
            return .noContent
        }
    }

    // MARK: Keys

    private var propose: Route {
        Route(
            .post, "/api/v1/users/{name}/keys", .right(.manageOwnAccount),
            "Propose one's own public key; it counts after another admin has admitted it.",
            body: .json([.text("key", maximum: 512, "aurora-ed25519:<base64url> name")]),
            responses: [RouteResponse(201, "Proposed.", "Key")], fullRole: true
        ) { [self] context in
            let sender = try context.sender()
            guard try context.identifier("name", UserName.self) == sender.user else {
                throw Problem.forbidden(
                    "a key is proposed by its owner", rule: "nobody proposes keys for others",
                    remedy: "log in as \(context.value("name").printable(limit: 64))")
            }
            let key = try accounts.propose(context.text("key"), by: sender, actor: context.actor())
            return .json(Self.json(key), status: 201)
        }
    }

    private var admit: Route {
        Route(
            .post, "/api/v1/users/{name}/keys/{keyid}/admit", .right(.manageKeys),
            "Admit another user's key, after comparing its id with its owner.", responses: [.ok("Key")], fullRole: true
        ) { [self] context in
            let key = try accounts.admit(
                context.identifier("keyid", KeyID.self), of: context.identifier("name", UserName.self),
                by: context.sender(), actor: context.actor())
            return .json(Self.json(key))
        }
    }

    private var revoke: Route {
        Route(
            .delete, "/api/v1/users/{name}/keys/{keyid}", .account,
            "Take a key out of use: its owner's own, or any for an admin.", responses: [.noContent], fullRole: true
        ) { [self] context in
            try accounts.revoke(
                context.identifier("keyid", KeyID.self), of: context.identifier("name", UserName.self),
                by: context.sender(), actor: context.actor())
            return .noContent
        }
    }

    // MARK: Login links

    private var makeLoginCode: Route {
        Route(
            .post, "/api/v1/login-codes", .right(.manageUsers),
            "Make a link that logs a user in once, within ten minutes.",
            body: .json([.text("user", maximum: 64, required: false, "Whom; oneself when left out.")]),
            responses: [RouteResponse(201, "Made; the link is shown only here.", "LoginCode")], answersSecret: true,
            fullRole: true
        ) { [self] context in
            let user = try context.optionalText("user").map { try UserName.require($0) } ?? context.sender().user
            let (link, expires) = try accounts.makeLoginLink(for: user, by: context.actor())
            return .json(
                ["link": .string(link), "user": .string(user.text), "expires": JSONValue(expires)], status: 201)
        }
    }

    // MARK: JSON

    private func answer(_ user: User, status: Int = 200) throws -> HTTPResponse {
        .json(try json(user), status: status, headers: ["ETag": "\"\(user.revision)\""])
    }

    private func json(_ user: User) throws -> JSONValue {
        [
            "name": .string(user.name.text), "role": .string(user.role.rawValue), "active": .bool(user.isActive),
            "hasPassword": .bool(user.hasPassword), "created": JSONValue(user.created),
            "keys": .array(try accounts.keys(of: user.name).map(Self.json)),
        ]
    }

    static func json(_ key: DirectoryKey) -> JSONValue {
        [
            "id": .string(key.id.text), "key": .string(key.text), "state": .string(key.state.rawValue),
            "proposedAt": JSONValue(key.proposedAt), "admittedBy": JSONValue(key.admittedBy?.text),
            "admittedAt": JSONValue(key.admittedAt),
        ]
    }
}
