import AuroraHTTP
import AuroraModel

/// Turns the bytes of a body into the members a route declares, strictly.
enum BodyReader {
    /// The most bytes of a JSON or form body.
    static let maximumBytes = 1 << 20

    /// Whether the content type fits the route; asked before any byte of the body is read.
    ///
    /// - Throws: 415 with what would be accepted.
    static func checkContentType(_ head: RequestHead, of route: Route) throws(Problem) {
        let type = mediaType(head)
        let accepted: [String]
        switch route.body {
        case .none: return
        case .json: accepted = ["application/json"]
        case .form:
            // curl sends JSON under the form type; the prototype did not look at the type at all.
            accepted = ["application/json", "application/x-www-form-urlencoded"]
            if type.isEmpty, head.headers["Authorization"] != nil { return }
        case .stream(let types, _):
            if types.isEmpty { return }
            accepted = types
        case .multipart: accepted = ["multipart/form-data"]
        }
        if !head.hasBody, case .form(let fields) = route.body, !fields.contains(where: \.isRequired) { return }
        if !head.hasBody, case .json(let fields) = route.body, !fields.contains(where: \.isRequired) { return }
        guard accepted.contains(type) else {
            throw Problem(
                415, "unsupported_media_type",
                type.isEmpty ? "the request has no Content-Type" : "this route does not take that Content-Type",
                remedy: "send Content-Type: \(accepted.joined(separator: " or "))", subject: type.printable(limit: 80))
        }
        guard head.headers["Content-Encoding"] == nil else {
            throw Problem(
                415, "unsupported_media_type", "compressed bodies are not taken",
                remedy: "send the body without Content-Encoding")
        }
    }

    /// `application/json` of `Application/JSON; charset=utf-8`; empty when there is none.
    static func mediaType(_ head: RequestHead) -> String {
        let whole = head.headers["Content-Type"] ?? ""
        return String(whole.prefix { $0 != ";" }).trimmed.lowercased()
    }

    /// The members of the body, each checked against its field.
    ///
    /// - Throws: ``Problem`` 400 naming the member.
    static func fields(_ request: HTTPRequest, of route: Route, isToken: Bool) throws -> JSONObject {
        switch route.body {
        case .none, .stream, .multipart: return [:]
        case .json(let fields):
            return try check(parse(request.bytes), fields, isStrict: true)
        case .form(let fields):
            return try check(form(request, isToken: isToken), fields, isStrict: route.family == .native)
        }
    }

    private static func parse(_ bytes: [UInt8]) throws -> JSONObject {
        if bytes.isEmpty { return [:] }
        let value = try JSONParser.parse(bytes, maximumBytes: maximumBytes)
        guard case .object(let object) = value else {
            throw Problem.badRequest("the body must be a JSON object, not \(value.kindName)")
        }
        return object
    }

    /// A JSON body under a form content type is read when a bearer token came with it, never with a cookie: a foreign
    /// page can send a form without asking first, but not a token.
    private static func form(_ request: HTTPRequest, isToken: Bool) throws -> JSONObject {
        let bytes = request.bytes
        let looksLikeJSON = bytes.first { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 } == UInt8(ascii: "{")
        if mediaType(request.head) == "application/json" || (isToken && looksLikeJSON) { return try parse(bytes) }
        guard let items = request.formFields else {
            throw Problem.badRequest("the form is not percent-encoded UTF-8 text")
        }
        var object = JSONObject()
        for item in items {
            guard object[item.name] == nil else {
                throw Problem.badRequest("a form field appears twice", subject: item.name.printable(limit: 80))
            }
            object[item.name] = .string(item.value)
        }
        return object
    }

    private static func check(_ object: JSONObject, _ fields: [BodyField], isStrict: Bool) throws(Problem)
        -> JSONObject
    {
        var checked = JSONObject()
        for field in fields {
            let value = object[field.name]
            if value == nil || value == .null {
                guard !field.isRequired else {
                    throw .badRequest(
                        "the member \"\(field.name)\" is missing", subject: field.name,
                        remedy: "send \(field.name): \(field.expectation)")
                }
                continue
            }
            guard let value = value.flatMap(field.accepted) else {
                throw .badRequest(
                    "the member \"\(field.name)\" must be \(field.expectation)", subject: field.name,
                    remedy: "correct \(field.name)")
            }
            checked[field.name] = value
        }
        let known = Set(fields.map(\.name) + ["csrf"])
        if isStrict, let extra = object.keys.first(where: { !known.contains($0) }) {
            throw .badRequest(
                "the member \"\(extra.printable(limit: 80))\" is not known here", subject: extra.printable(limit: 80),
                remedy: fields.isEmpty
                    ? "send no members" : "send only \(fields.map(\.name).joined(separator: ", "))")
        }
        if let csrf = object["csrf"] { checked["csrf"] = csrf }
        return checked
    }

    /// Checks declared query parameters; unknown ones are refused on native routes only.
    static func checkQuery(_ head: RequestHead, of route: Route) throws(Problem) {
        let declared = route.parameters.filter { $0.place == .query }
        for parameter in declared {
            let values = head.queryValues(parameter.name)
            guard values.count <= 1 else {
                throw .badRequest("the parameter \"\(parameter.name)\" appears twice", subject: parameter.name)
            }
            guard let value = values.first else {
                if parameter.isRequired, route.family == .native {
                    throw .badRequest("the parameter \"\(parameter.name)\" is missing", subject: parameter.name)
                }
                continue
            }
            guard parameter.accepts(value) else {
                throw .badRequest(
                    "the parameter \"\(parameter.name)\" must be \(parameter.expectation)", subject: parameter.name)
            }
        }
        guard route.family == .native else { return }
        if let extra = head.query.first(where: { item in !declared.contains { $0.name == item.name } }) {
            throw .badRequest(
                "the parameter \"\(extra.name.printable(limit: 80))\" is not known here",
                subject: extra.name.printable(limit: 80))
        }
    }
}

extension BodyField {
    /// The value as it is handed on, or nil when it does not fit; numbers and booleans may come as text from a form.
    func accepted(_ value: JSONValue) -> JSONValue? {
        switch kind {
        case .string(let minimum, let maximum):
            guard let text = value.string, (minimum...maximum).contains(text.count) else { return nil }
            return value
        case .choice(let choices): return value.string.map(choices.contains) == true ? value : nil
        case .digest: return value.string.flatMap { Digest(hex: $0) }.map { .string($0.hex) }
        case .integer(let range):
            guard let number = value.integer ?? value.string.flatMap({ Int64($0) }), range.contains(number) else {
                return nil
            }
            return .integer(number)
        case .boolean:
            if let text = value.string { return text == "true" ? true : text == "false" ? false : nil }
            return value.bool == nil ? nil : value
        case .object: return value.object == nil ? nil : value
        }
    }

    /// What fits, in words.
    var expectation: String {
        switch kind {
        case .string(let minimum, let maximum): "text of \(minimum) to \(maximum) characters"
        case .choice(let choices): "one of \(choices.joined(separator: ", "))"
        case .digest: "64 hexadecimal digits (SHA-256)"
        case .integer(let range): "an integer from \(range.lowerBound) to \(range.upperBound)"
        case .boolean: "true or false"
        case .object: "a JSON object"
        }
    }
}

extension RouteParameter {
    func accepts(_ value: String) -> Bool {
        switch kind {
        case .string: value.utf8.count <= 4096
        case .integer(let range): Int64(value).map(range.contains) == true
        case .choice(let choices): choices.contains(value)
        }
    }

    var expectation: String {
        switch kind {
        case .string: "text of at most 4096 bytes"
        case .integer(let range): "an integer from \(range.lowerBound) to \(range.upperBound)"
        case .choice(let choices): "one of \(choices.joined(separator: ", "))"
        }
    }
}
