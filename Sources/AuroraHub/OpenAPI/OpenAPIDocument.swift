import AuroraHTTP
import AuroraModel

/// Writes the OpenAPI 3.1 description of the very table that serves the requests.
struct OpenAPIDocument {
    let table: RouteTable
    let version: String

    var json: JSONValue {
        var paths = JSONObject()
        for route in table.routes {
            let path = route.pattern.openAPIPath
            var item = paths[path]?.object ?? JSONObject()
            item[route.method.rawValue.lowercased()] = operation(route)
            paths[path] = .object(item)
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Aurora hub", "version": .string(version), "license": ["name": "Apache-2.0"],
                "description": "Safe, approved, reversible software updates.",
            ],
            "servers": [
                ["url": "http://localhost:9711", "description": "dashboard and operators' API"],
                ["url": "http://localhost:9710", "description": "updater: CI and devices"],
            ],
            "security": [["token": []], ["session": []]],
            "paths": .object(paths),
            "components": [
                "schemas": .object(ResponseSchemas.all),
                "securitySchemes": [
                    "token": ["type": "http", "scheme": "bearer"],
                    "session": ["type": "apiKey", "in": "cookie", "name": "aurora_session"],
                ],
            ],
        ]
    }

    private func operation(_ route: Route) -> JSONValue {
        var operation: JSONObject = [
            "operationId": .string(Self.operationID(route)), "summary": .string(route.summary),
            "tags": JSONValue([Self.tag(route)]),
            "x-aurora-ports": JSONValue(route.ports.map(\.rawValue).sorted()),
        ]
        if let right = route.right { operation["x-aurora-right"] = .string(right.rawValue) }
        if route.access == .open { operation["security"] = [] }
        let parameters = route.pattern.holes.map(Self.pathParameter) + route.parameters.map(Self.parameter)
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        if let body = Self.body(route.body) { operation["requestBody"] = body }
        var responses = JSONObject()
        for response in route.responses { responses[String(response.status)] = Self.response(response) }
        var refused: JSONObject = ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]]
        // A page refuses with a page; before it is looked for, the refusal is a problem there as well.
        if case .page = route.family { refused["text/html"] = [:] }
        responses["default"] = [
            "description": "Refused; `code` says why and `remedy` what to do.", "content": .object(refused),
        ]
        operation["responses"] = .object(responses)
        return .object(operation)
    }

    /// `get_api_v1_users_name`: stable, and different for each route.
    private static func operationID(_ route: Route) -> String {
        let words = route.pattern.text.split { !$0.isLetter && !$0.isNumber }
        return ([route.method.rawValue.lowercased()] + words.map(String.init)).joined(separator: "_")
    }

    private static func tag(_ route: Route) -> String {
        let segments = route.pattern.text.split(separator: "/").map(String.init)
        if segments.count > 2, segments[0] == "api", segments[1] == "v1" { return segments[2] }
        switch route.family {
        case .prototypeUpdater, .prototypeDashboard: return "prototype"
        case .page: return "dashboard"
        case .native: return segments.first ?? "dashboard"
        }
    }

    private static func pathParameter(_ name: String) -> JSONValue {
        ["name": .string(name), "in": "path", "required": true, "schema": ["type": "string", "minLength": 1]]
    }

    private static func parameter(_ parameter: RouteParameter) -> JSONValue {
        [
            "name": .string(parameter.name), "in": .string(parameter.place.rawValue),
            "required": .bool(parameter.isRequired), "description": .string(parameter.summary),
            "schema": parameter.kind.schema,
        ]
    }

    private static func body(_ body: Route.Body) -> JSONValue? {
        switch body {
        case .none: return nil
        case .json(let fields):
            return content(["application/json"], object(fields), required: fields.contains(where: \.isRequired))
        case .form(let fields):
            return content(
                ["application/json", "application/x-www-form-urlencoded"], object(fields),
                required: fields.contains(where: \.isRequired))
        case .stream(let types, _):
            return content(types.isEmpty ? ["application/octet-stream"] : types, nil, required: false)
        case .multipart(let field, _):
            let schema: JSONValue = [
                "type": "object", "required": JSONValue([field]),
                "properties": .object([field: ["type": "string", "contentMediaType": "application/octet-stream"]]),
            ]
            return content(["multipart/form-data"], schema, required: true)
        }
    }

    private static func content(_ types: [String], _ schema: JSONValue?, required: Bool) -> JSONValue {
        let media: JSONValue = schema.map { ["schema": $0] } ?? .object([:])
        return ["required": .bool(required), "content": .object(JSONObject(types.map { ($0, media) }))]
    }

    private static func object(_ fields: [BodyField]) -> JSONValue {
        var schema: JSONObject = [
            "type": "object", "additionalProperties": false,
            "properties": .object(JSONObject(fields.map { ($0.name, $0.schema) })),
        ]
        let required = fields.filter(\.isRequired).map(\.name)
        if !required.isEmpty { schema["required"] = JSONValue(required) }
        return .object(schema)
    }

    private static func response(_ response: RouteResponse) -> JSONValue {
        var object: JSONObject = ["description": .string(response.summary)]
        if let schema = response.schema {
            object["content"] = .object([
                response.contentType: ["schema": ["$ref": .string("#/components/schemas/\(schema)")]]
            ])
        } else if response.status != 204, !(300..<400).contains(response.status),
            response.contentType != "application/json"
        {
            object["content"] = .object([response.contentType: .object([:])])
        }
        return .object(object)
    }
}

extension BodyField {
    var schema: JSONValue {
        var object: JSONObject =
            switch kind {
            case .string(let minimum, let maximum):
                ["type": "string", "minLength": JSONValue(minimum), "maxLength": JSONValue(maximum)]
            case .choice(let choices): ["type": "string", "enum": JSONValue(choices)]
            case .digest: ["type": "string", "pattern": "^[0-9a-fA-F]{64}$"]
            case .integer(let range):
                [
                    "type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound),
                ]
            case .boolean: ["type": "boolean"]
            case .object: ["type": "object"]
            }
        object["description"] = .string(summary)
        return .object(object)
    }
}

extension RouteParameter.Kind {
    var schema: JSONValue {
        switch self {
        case .string: ["type": "string"]
        case .integer(let range):
            ["type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound)]
        case .choice(let choices): ["type": "string", "enum": JSONValue(choices)]
        }
    }
}
