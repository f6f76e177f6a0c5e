import AuroraModel

/// The shapes of answers, by the names that routes use.
enum ResponseSchemas {
    static let all: JSONObject = {
        var schemas = JSONObject()
        for (name, schema) in objects { schemas[name] = schema }
        for name in listed {
            schemas["\(name)List"] = object([
                ("items", ["type": "array", "items": reference(name)]), ("next", optional(string)),
            ])
        }
        return schemas
    }()

    /// Schemas that also come as pages of a list.
    private static let listed = [
        "User", "Token", "Artifact", "Release", "Target", "Suggestion", "Vote", "Change", "AuditEntry", "Policy",
    ]

    private static var objects: [(String, JSONValue)] {
        [
            (
                "Problem",
                object([
                    ("type", string), ("title", string), ("status", integer), ("detail", string), ("code", string),
                    ("remedy", string), ("instance", string),
                ])
            ),
            (
                "Session",
                object([
                    ("user", string), ("role", string), ("csrf", string), ("expires", time), ("dev", boolean),
                ])
            ),
            (
                "Identity",
                object([
                    ("user", string), ("role", string), ("rights", strings), ("via", string),
                    ("csrf", optional(string)), ("expires", optional(time)), ("dev", boolean),
                ])
            ),
            (
                "User",
                object([
                    ("name", string), ("role", string), ("active", boolean), ("hasPassword", boolean),
                    ("created", time), ("keys", ["type": "array", "items": reference("Key")]),
                ])
            ),
            (
                "Key",
                object([
                    ("id", string), ("key", string), ("state", string), ("proposedAt", time),
                    ("admittedBy", optional(string)), ("admittedAt", optional(time)),
                ])
            ),
            ("LoginCode", object([("link", string), ("user", string), ("expires", time)])),
            ("Token", object(token)),
            ("NewToken", object(token + [("secret", string)])),
        ] + releaseObjects + approvalObjects + serviceObjects + prototypeObjects
    }

    private static let token: [(String, JSONValue)] = [
        ("id", string), ("name", string), ("user", string), ("role", string), ("created", time), ("expires", time),
        ("lastUsed", optional(time)),
    ]

    private static var releaseObjects: [(String, JSONValue)] {
        [
            (
                "Artifact",
                object([
                    ("sha256", digest), ("size", integer), ("filename", optional(string)),
                    ("uploadedBy", optional(string)), ("created", optional(time)), ("duplicate", boolean),
                ])
            ),
            (
                "Upload",
                object([
                    ("id", string), ("offset", integer), ("complete", boolean), ("length", optional(integer)),
                    ("expires", time),
                ])
            ),
            ("UploadOrArtifact", ["anyOf": [reference("Upload"), reference("Artifact")]]),
            (
                "Release",
                object([
                    ("sha256", digest), ("tree", digest), ("name", optional(string)), ("version", optional(string)),
                    ("hardwareIDs", strings), ("signature", anyObject), ("entries", integer), ("bytes", integer),
                    ("filename", optional(string)), ("stagedBy", string), ("staged", time),
                ])
            ),
            (
                "Target",
                object([
                    ("name", string), ("path", string), ("kind", string), ("domain", string), ("safety", string),
                    ("active", optional(anyObject)), ("busy", optional(string)),
                ])
            ),
            ("Diff", object([("added", anyArray), ("removed", anyArray), ("changed", anyArray)])),
        ]
    }

    private static var approvalObjects: [(String, JSONValue)] {
        [
            (
                "Suggestion",
                object([
                    ("id", string), ("domain", string), ("target", string), ("action", string), ("state", string),
                    ("plan", digest), ("requestedBy", string), ("reason", string), ("source", string),
                    ("created", time), ("expires", time), ("change", optional(string)),
                    ("votes", ["type": "array", "items": reference("Vote")]), ("missing", strings),
                    ("signatures", string),
                ])
            ),
            (
                "Vote",
                object([
                    ("voter", string), ("decision", string), ("reason", string), ("kind", string), ("time", time),
                    ("keyid", optional(string)),
                ])
            ),
            ("Plan", anyObject),
            ("PromoteNothing", object([("ok", boolean), ("active", boolean)])),
            (
                "Change",
                object([
                    ("id", string), ("kind", string), ("subject", string), ("suggestion", optional(string)),
                    ("actor", string), ("reason", string), ("state", string), ("tasks", anyArray),
                    ("progress", optional(anyObject)), ("error", optional(anyObject)), ("created", time),
                    ("started", optional(time)), ("finished", optional(time)),
                ])
            ),
            ("Policy", anyObject),
        ]
    }

    private static var serviceObjects: [(String, JSONValue)] {
        [
            (
                "AuditEntry",
                object([
                    ("index", integer), ("time", time), ("actor", string), ("via", string), ("address", string),
                    ("action", string), ("subject", string), ("outcome", string), ("reason", string),
                    ("details", anyObject),
                ])
            ),
            ("AuditLast", object([("items", anyArray), ("lines", strings)])),
            (
                "AuditState",
                object([
                    ("size", integer), ("root", string), ("checkpoint", optional(string)), ("published", integer),
                    ("verified", boolean), ("problem", optional(string)),
                ])
            ),
            ("AuditKey", object([("origin", string), ("key", string)])),
            (
                "Health",
                object([
                    ("status", string), ("version", string), ("ready", boolean), ("log", string),
                    ("troubles", strings),
                ])
            ),
            ("Any", anyObject),
        ]
    }

    private static var prototypeObjects: [(String, JSONValue)] {
        [
            ("Staged", object([("staged", strings)])),
            ("SuggestionNames", object([("suggestions", strings)])),
            ("SuggestionFolders", anyObject),
            ("Ok", object([("ok", boolean)])),
            ("Uploaded", object([("ok", boolean), ("filename", string)])),
            ("Staging", object([("ok", boolean), ("staging", string)])),
            ("Approved", object([("ok", boolean), ("applied", string), ("signed_token", string)])),
            ("AuditLines", object([("lines", strings)])),
        ]
    }

    // MARK: Small shapes

    private static let string: JSONValue = ["type": "string"]
    private static let integer: JSONValue = ["type": "integer"]
    private static let boolean: JSONValue = ["type": "boolean"]
    private static let strings: JSONValue = ["type": "array", "items": ["type": "string"]]
    private static let time: JSONValue = ["type": "string", "format": "date-time"]
    private static let digest: JSONValue = ["type": "string", "pattern": "^[0-9a-f]{64}$"]
    private static let anyObject: JSONValue = ["type": "object"]
    private static let anyArray: JSONValue = ["type": "array", "items": ["type": "object"]]

    private static func optional(_ schema: JSONValue) -> JSONValue { ["anyOf": [schema, ["type": "null"]]] }

    private static func reference(_ name: String) -> JSONValue {
        ["$ref": .string("#/components/schemas/\(name)")]
    }

    /// An object whose listed members are always there; further members may come in later versions.
    private static func object(_ members: [(String, JSONValue)]) -> JSONValue {
        [
            "type": "object", "required": JSONValue(members.map(\.0)), "properties": .object(JSONObject(members)),
        ]
    }
}
