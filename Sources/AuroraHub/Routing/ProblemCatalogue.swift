import AuroraHTTP

/// One stable code of a refusal: what clients may rely on.
struct ProblemKind: Sendable {
    let code: String
    /// The statuses it comes with; more than one where the same rule is broken in different ways.
    let statuses: [Int]
    /// The title of the answer: what sort of mistake it is, whatever the occurrence.
    let title: String
    /// What to do, where the answer's own `remedy` is not at hand.
    let remedy: String

    init(_ code: String, _ statuses: Int..., title: String, remedy: String) {
        self.code = code
        self.statuses = statuses
        self.title = title
        self.remedy = remedy
    }
}

/// Every code the hub and the program refuse with; titles of answers and docs/reference/problems.md come from here.
///
/// A test reads the sources and fails when a code there is missing here, comes with another status, or is gone.
enum ProblemCatalogue {
    /// The groups in the order of the page.
    static let groups: [(name: String, kinds: [ProblemKind])] = [
        ("Form of requests", form), ("Who may", access), ("Uploads", uploads), ("Staging", staging),
        ("Targets", targets), ("Approvals", approvals), ("Changes and accounts", accounts),
        ("Before a request is read", transport), ("The hub itself", hub), ("On this machine only", local),
    ]

    /// The kind of a code; nil for codes that are made from a state, such as `change_failed`.
    static func kind(of code: String) -> ProblemKind? { byCode[code] }

    private static let byCode: [String: ProblemKind] = {
        var kinds: [String: ProblemKind] = [:]
        for kind in groups.flatMap(\.kinds) { kinds[kind.code] = kind }
        return kinds
    }()

    private static let form: [ProblemKind] = [
        .init(
            "bad_request", 400, title: "The request is not as the route wants it", remedy: "correct what `detail` names"
        ),
        .init(
            "bad_json", 400, 413, title: "The document is no strict JSON",
            remedy: "send valid JSON, no larger than allowed"),
        .init(
            "bad_document", 400, 413, title: "The document has the wrong shape",
            remedy: "correct the member in `subject`"),
        .init("bad_identifier", 400, 403, title: "A name or id is malformed", remedy: "use one of the form in `rule`"),
        .init(
            "bad_cursor", 400, title: "The cursor is not one of this list",
            remedy: "start at the first page, or give `next` as it came"),
        .init(
            "bad_count", 400, title: "The number of entries is out of range",
            remedy: "ask for a number in the range of `rule`"),
        .init("bad_host", 400, title: "The Host field is missing or malformed", remedy: "send one Host field"),
        .init(
            "forwarded_malformed", 400, title: "The proxy in front names no client",
            remedy: "let the proxy append the client's address as the last hop"),
        .init(
            "misdirected", 421, title: "The hub does not answer under this name",
            remedy: "use a configured name, or add it to hub.allowed_hosts"),
        .init(
            "not_found", 404, title: "There is nothing of this name",
            remedy: "list what exists and use a name from there"),
        .init(
            "range_not_satisfiable", 416, title: "The range begins behind the end of the file",
            remedy: "ask for a range inside the file, or for all of it"),
        .init(
            "method_not_allowed", 405, title: "The path does not answer this method",
            remedy: "use a method of the `Allow` field"),
        .init(
            "unsupported_media_type", 415, title: "The route does not take this kind of body",
            remedy: "send a Content-Type that `remedy` names"),
        .init(
            "precondition_failed", 412, title: "The thing changed since it was read",
            remedy: "read it again and repeat with the new ETag"),
        .init(
            "idempotency_mismatch", 422, title: "The Idempotency-Key belongs to another request",
            remedy: "use a new key for each new request"),
        .init(
            "idempotency_interrupted", 409, title: "The first request with this key was cut off",
            remedy: "look what became of it, then use a new key"),
        .init(
            "idempotency_secret", 409, title: "The first answer held a secret, which is shown once",
            remedy: "delete what was made and make a new one"),
    ]

    private static let access: [ProblemKind] = [
        .init("unauthenticated", 401, title: "A login is needed", remedy: "log in, or send a valid token"),
        .init("invalid_token", 401, title: "The token is unknown, expired or revoked", remedy: "make a new token"),
        .init("session_expired", 401, title: "The session has ended", remedy: "log in again"),
        .init(
            "login_failed", 401, title: "The login was not accepted",
            remedy: "check name and password, or ask for a new link"),
        .init("login_throttled", 429, title: "Too many failed logins", remedy: "wait as long as `Retry-After` says"),
        .init(
            "forbidden", 403, title: "This account may not do that", remedy: "use an account that may, or ask an admin"),
        .init(
            "csrf_failed", 403, title: "The request does not come from a page of this hub",
            remedy: "reload the page; scripts use a token"),
        .init("rate_limited", 429, title: "Too many requests", remedy: "wait as long as `Retry-After` says"),
    ]

    private static let accounts: [ProblemKind] = [
        .init("unknown_change", 404, title: "There is no such change", remedy: "list them: aurora change list"),
        .init(
            "too_many_changes", 429, title: "Too many stages and trials wait already",
            remedy: "wait until some have ended, or stop them"),
        .init("change_finished", 409, title: "The change has ended", remedy: "start a new one"),
        .init(
            "not_abortable", 409, title: "The change cannot be stopped any more",
            remedy: "wait for its end, then take it back if needed"),
        .init("aborted", 409, title: "Somebody stopped the change", remedy: "begin it again, or ask who stopped it"),
        .init("interrupted", 503, title: "The hub ended in the middle of this change", remedy: "start it again"),
        .init("exists", 409, title: "The name is taken, or was once", remedy: "choose another name"),
        .init("name_reserved", 409, title: "No account can have this name", remedy: "choose another name"),
        .init("account_closed", 409, title: "The account is closed", remedy: "open it first"),
        .init(
            "last_admin", 409, title: "The hub would be left without an admin", remedy: "make another user admin first"),
        .init(
            "password_too_short", 422, title: "The password is too short",
            remedy: "choose a longer one; a sentence is fine"),
        .init(
            "too_many_tokens", 409, title: "The account has as many tokens as it may",
            remedy: "delete tokens that are not used"),
        .init(
            "bad_public_key", 422, title: "This is no operator's public key",
            remedy: "print yours: aurora key export-public"),
        .init(
            "key_exists", 409, title: "The key, or its file, is there already",
            remedy: "make a new key, or give another path"),
        .init("self_admission", 403, title: "Nobody admits a key of his own", remedy: "ask another admin"),
    ]

    private static let transport: [ProblemKind] = [
        .init(
            "request_malformed", 400, title: "The request is not HTTP", remedy: "send a well-formed HTTP/1.1 request"),
        .init("version_unsupported", 505, title: "This version of HTTP is not spoken", remedy: "use HTTP/1.1"),
        .init("method_unknown", 501, title: "The method is not known", remedy: "use a method of HTTP"),
        .init("target_too_long", 414, title: "The request's target is too long", remedy: "send long values in a body"),
        .init("target_malformed", 400, title: "The request's target is malformed", remedy: "percent-encode it"),
        .init(
            "path_unsafe", 400, title: "The path could mean two things",
            remedy: "send it without dots, empty and encoded separators"),
        .init("query_malformed", 400, title: "The query is malformed", remedy: "percent-encode it"),
        .init(
            "header_too_large", 431, title: "The header fields are too large", remedy: "send fewer or shorter fields"),
        .init("header_malformed", 400, title: "A header field is malformed", remedy: "correct it"),
        .init("host_invalid", 400, title: "There must be exactly one valid Host field", remedy: "send one"),
        .init(
            "length_ambiguous", 400, title: "The body's length can be read in two ways",
            remedy: "send one Content-Length or chunks, not both"),
        .init(
            "transfer_encoding_unsupported", 501, title: "Only chunked is understood", remedy: "send a Content-Length"),
        .init(
            "expectation_failed", 417, title: "Only 100-continue can be expected", remedy: "leave the Expect field out"),
        .init("body_unexpected", 413, title: "No body is taken here", remedy: "send none"),
        .init("body_too_large", 413, title: "The body is larger than is taken here", remedy: "send less"),
        .init(
            "body_malformed", 400, 415, title: "The body is not in its form", remedy: "send the form the route wants"),
        .init("server_stopping", 503, title: "The hub is stopping", remedy: "try again in a moment"),
    ]

    private static let hub: [ProblemKind] = [
        .init("internal", 500, title: "A fault of the hub", remedy: "look into the hub's log for the id in `instance`"),
        .init(
            "sandbox_unavailable", 503, title: "A layer of the sandbox is missing",
            remedy: "aurora doctor says which, and how to get it"),
        .init(
            "parser_failed", 422, title: "The child that reads suggestion files failed",
            remedy: "correct the file; docs/formats/suggestion.md says how"),
        .init("gpgv_unavailable", 503, title: "gpgv cannot be run", remedy: "install it: apt-get install gpgv"),
        .init(
            "release_keyring_unreadable", 503, title: "the keyring of release keys cannot be read",
            remedy: "restart the hub: it makes the keyring from signing.keyring"),
        .init("gpg_unavailable", 503, title: "gpg cannot be run", remedy: "install it: apt-get install gpg"),
        .init(
            "too_many_streams", 503, title: "Too many event streams are open", remedy: "close some, or poll the change"),
    ]

    private static let local: [ProblemKind] = [
        .init(
            "weak_policy", 422, title: "A policy is weaker than its safety class allows",
            remedy: "correct the policy, or make the target routine"),
        .init(
            "release_key_unreadable", 422, title: "A release key cannot be read",
            remedy: "export it again: gpg --export"),
        .init("release_key_secret", 422, title: "The file holds a secret key", remedy: "export the public key only"),
        .init(
            "key_open_to_others", 403, title: "Others may read the key file",
            remedy: "chmod 600; if others had access, make a new key"),
        .init(
            "wrong_passphrase", 403, title: "The passphrase does not open the key",
            remedy: "try again, or use another key"),
        .init("passphrase_too_short", 422, title: "The passphrase is too short", remedy: "choose a longer one"),
    ]
}
