import AuroraFields
import AuroraHTTP
import AuroraModel

/// The page docs/reference/api.md, made from the table that serves the requests.
struct APIReference {
    let table: RouteTable

    var text: String {
        var text = Self.opening
        for group in groups {
            text += "## \(group.name)\n\n" + group.routes.map(Self.section).joined()
        }
        return text.withOneLineEnd
    }

    private static let opening = """
        # The API

        Made from the route table by `make docs`; do not edit. A running hub serves the same table as OpenAPI 3.1 at
        `GET /api/v1/openapi.json`, with the shapes of the answers. Every refusal is problem+json
        (RFC 9457) with a stable `code`: [every code](problems.md).

        **Who may.** Each route names the right it needs; the roles that have it are in brackets. Send
        `Authorization: Bearer TOKEN`, or the session cookie of a login together with `X-CSRF-Token`.

        **Repeating safely.** Every changing route outside the streams takes `Idempotency-Key`; the same key with the
        same request gives the first answer again.

        **Lists** come in pages: give `next` of a page as `cursor` to get the one after it; `next` is null on the last.

        **Ports.** 9710 is the updater's (CI, devices, the prototype's updater), 9711 the dashboard's and the operators'.


        """

    // MARK: Groups

    private var groups: [(name: String, routes: [Route])] {
        let grouped = Dictionary(grouping: table.routes, by: Self.group)
        return grouped.keys.sorted { (Self.order($0), $0) < (Self.order($1), $1) }.map { name in
            (
                name,
                (grouped[name] ?? []).sorted {
                    ($0.pattern.text, $0.method.rawValue) < ($1.pattern.text, $1.method.rawValue)
                }
            )
        }
    }

    private static func key(_ route: Route) -> String { route.pattern.text + " " + route.method.rawValue }

    /// `/api/v1/users/…` belongs to `/api/v1/users`; the rest goes by the kind of its clients.
    private static func group(_ route: Route) -> String {
        switch route.family {
        case .prototypeUpdater: return "The prototype's updater"
        case .prototypeDashboard: return "The prototype's dashboard"
        case .page: return "Pages"
        case .native: break
        }
        let segments = route.pattern.text.split(separator: "/")
        guard segments.count > 2, segments[0] == "api" else {
            return route.ports == [.updater] ? "Uploads and the log on the updater's port" : "The service"
        }
        return "`/api/v1/\(segments[2])`"
    }

    private static func order(_ group: String) -> Int {
        if group.hasPrefix("`") { return 0 }
        return group.hasPrefix("The prototype") ? 2 : group == "Pages" ? 3 : 1
    }

    // MARK: One route

    private static func section(_ route: Route) -> String {
        var text = "### \(route.name)\n\n\(route.summary.asSentence)\n\n"
        text += "- Port: \(ports(route)). Needs: \(access(route)).\n"
        if route.needsFullRole { text += "- A token must have its user's full role.\n" }
        if route.answersSecret { text += "- The answer holds a secret and is given once.\n" }
        for line in parameters(route) + body(route) + answers(route) { text += line + "\n" }
        return text + "\n"
    }

    private static func ports(_ route: Route) -> String {
        HubPort.allCases.filter(route.ports.contains).map { $0 == .updater ? "9710" : "9711" }
            .joined(separator: " and ")
    }

    private static func access(_ route: Route) -> String {
        switch route.access {
        case .open: return "nothing"
        case .account: return "an account"
        case .right(let right):
            let roles = Role.allCases.filter { $0.has(right) }.map(\.rawValue).joined(separator: ", ")
            return "the right `\(right.rawValue)` (\(roles))"
        }
    }

    private static func parameters(_ route: Route) -> [String] {
        route.parameters.map { parameter in
            "- \(parameter.place == .query ? "Query" : "Header") `\(parameter.name)`"
                + "\(parameter.isRequired ? ", required" : "")\(kind(parameter.kind)): \(parameter.summary)"
        }
    }

    private static func body(_ route: Route) -> [String] {
        switch route.body {
        case .none: return []
        case .json(let fields): return ["- Body: a JSON object."] + fields.map(line)
        case .form(let fields):
            return ["- Body: a JSON object or a form."] + fields.map(line)
        case .stream(let types, _):
            return [
                "- Body: the bytes, as \(types.isEmpty ? "any type" : types.map { "`\($0)`" }.joined(separator: ", "))."
            ]
        case .multipart(let field, _):
            return ["- Body: `multipart/form-data` with one file in the part `\(field)`."]
        }
    }

    private static func line(_ field: BodyField) -> String {
        "  - `\(field.name)`\(field.isRequired ? ", required" : "")\(kind(field.kind)): \(field.summary)"
    }

    private static func answers(_ route: Route) -> [String] {
        route.responses.map { response in
            var line = "- \(response.status): \(response.summary.asSentence)"
            if let schema = response.schema { line += " Schema `\(schema)`." }
            if response.contentType != "application/json" { line += " As `\(response.contentType)`." }
            return line
        }
    }

    // MARK: Kinds of values

    private static func kind(_ kind: RouteParameter.Kind) -> String {
        switch kind {
        case .string: ""
        case .integer(let range): ", \(range.lowerBound) to \(range.upperBound)"
        case .choice(let words): ", one of \(words.map { "`\($0)`" }.joined(separator: ", "))"
        }
    }

    private static func kind(_ kind: BodyField.Kind) -> String {
        switch kind {
        case .string(_, let maximum): ", at most \(maximum) characters"
        case .choice(let words): ", one of \(words.map { "`\($0)`" }.joined(separator: ", "))"
        case .digest: ", 64 hexadecimal digits"
        case .integer(let range): ", \(range.lowerBound) to \(range.upperBound)"
        case .boolean: ", `true` or `false`"
        case .object: ", a JSON object"
        }
    }
}
