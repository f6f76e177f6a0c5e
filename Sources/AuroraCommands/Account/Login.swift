import AuroraModel

/// `aurora login`: a session for a moment, then a token of its own in its place.
struct Login {
    let invocation: Invocation

    /// Logs in, makes a token, stores it and ends the session.
    func run() throws -> ExitCode {
        let base = invocation.hubAddress
        let members = try proof()
        let (session, answer) = try Session.open(try invocation.anonymousHub(), members)
        defer { session.close() }
        let user = answer.text("user")
        let lifetime = try Span.seconds(invocation.line.value("expires") ?? "30d")
        let token = try session.hub.post(
            "/api/v1/tokens",
            [("name", .string("aurora login")), ("expiresInSeconds", .init(lifetime))])
        try Credentials(invocation.surroundings).store(
            .init(user: user, tokenID: token.text("id"), token: token.text("secret")), for: base)
        let shown: JSONValue = [
            "hub": .string(base), "user": .string(user), "role": .string(answer.text("role")),
            "expires": .string(token.text("expires")),
        ]
        invocation.console.show("Login", shown, names: [user]) {
            "logged in to \(base) as \(user), \(answer.text("role"))"
        }
        return .success
    }

    /// What proves who is logging in; secrets come from files or the terminal only.
    private func proof() throws -> [(String, JSONValue)] {
        let line = invocation.line
        let user = line.value("user")
        if let file = line.value("code-file") {
            let text = String(decoding: try LocalFile.secret(file, what: "login code"), as: UTF8.self)
            return [("code", .string(Self.code(in: text))), ("user", .init(user))]
        }
        if let file = line.value("password-file") {
            let text = String(decoding: try LocalFile.secret(file, what: "password"), as: UTF8.self)
            return [("user", .string(user ?? "admin")), ("password", .string(text))]
        }
        if let user {
            let password = try ask("Password of \(user): ")
            return [("user", .string(user)), ("password", .string(password))]
        }
        return [("code", .string(Self.code(in: try ask("Login link or code: "))))]
    }

    private func ask(_ prompt: String) throws -> String {
        guard invocation.surroundings.isInteractive, !invocation.line.has("no-input") else {
            throw CommandError.usage(
                "a login code or password is needed", remedy: "add --code-file FILE or --password-file FILE")
        }
        return String(decoding: try invocation.surroundings.readSecret(prompt), as: UTF8.self).trimmed
    }

    /// The code of a login link; the text itself when it is no link.
    static func code(in text: String) -> String {
        guard let mark = text.range(ofText: "#code=") else { return text }
        return String(text[mark.upperBound...].prefix { $0 != "&" && !$0.isWhitespace })
    }
}

/// A session of the hub, kept only as long as it takes to make a token.
struct Session {
    /// The hub with the session's cookie and the value that proves a request is meant.
    let hub: HubClient

    /// Opens a session with a code or a password.
    ///
    /// - Returns: the session, and what the hub says about the account.
    static func open(_ hub: HubClient, _ members: [(String, JSONValue)]) throws -> (Session, JSONValue) {
        let body = JSONValue.object(JSONObject(members.filter { !$0.1.isNull }))
        let response = try hub.send(HubRequest(method: "POST", target: "/api/v1/session", body: .json(body)))
        let answer = try response.json()
        guard let cookie = response.header("Set-Cookie")?.prefix(while: { $0 != ";" }) else {
            throw CommandError(
                "the hub opened no session", remedy: "is something else than Aurora listening there?",
                code: "bad_answer", exit: .unreachable)
        }
        var signedIn = hub
        signedIn.headers += [
            ("Cookie", String(cookie)), ("X-CSRF-Token", answer.text("csrf")), ("Origin", hub.base),
        ]
        return (Session(hub: signedIn), answer)
    }

    /// Ends the session; that it may fail does not matter, the hub ends it by itself later.
    func close() {
        _ = try? hub.exchange(HubRequest(method: "DELETE", target: "/api/v1/session"))
    }
}

extension String {
    /// Where `text` stands in this string first.
    func range(ofText text: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
