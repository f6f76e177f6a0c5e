/// How a target's path names the active tree.
package enum TargetKind: String, Sendable, CaseIterable {
    /// The path is a symbolic link that is replaced by one rename.
    case link
    /// The path is a real directory that is exchanged by one `renameat2(RENAME_EXCHANGE)`.
    case directory
}

/// A named directory tree that the hub manages, as configured.
package struct TargetDescription: Hashable, Sendable {
    package let name: TargetName
    /// Absolute path on the hub's machine.
    package let path: String
    package let kind: TargetKind
    package let domain: Domain
    package let safetyClass: SafetyClass

    package init(name: TargetName, path: String, kind: TargetKind, domain: Domain, safetyClass: SafetyClass) {
        self.name = name
        self.path = path
        self.kind = kind
        self.domain = domain
        self.safetyClass = safetyClass
    }

    package var json: JSONValue {
        [
            "name": .string(name.text), "path": .string(path), "kind": .string(kind.rawValue),
            "domain": .string(domain.name), "safetyClass": .string(safetyClass.rawValue),
        ]
    }

    package init(_ reader: JSONReader) throws(JSONShapeError) {
        var reader = reader
        name = try reader.identifier("name")
        path = try reader.string("path")
        kind = try reader.parsed("kind", expected: "link or directory") { TargetKind(rawValue: $0) }
        domain = try reader.domain("domain")
        safetyClass = try reader.safetyClass("safetyClass")
        try reader.finish()
    }
}

extension JSONReader {
    package mutating func domain(_ key: String) throws(JSONShapeError) -> Domain {
        try parsed(key, expected: "a domain (1 to 32 of a-z 0-9 -)") { Domain($0) }
    }

    package mutating func safetyClass(_ key: String) throws(JSONShapeError) -> SafetyClass {
        try parsed(key, expected: "routine or safety-critical") { SafetyClass(rawValue: $0) }
    }
}
