import AuroraModel

extension JournalRecord {
    /// The payload of the record: a canonical JSON object with a member `record`.
    var payload: [UInt8] { json.documentBytes }

    private var json: JSONValue {
        switch self {
        case .adopting(let form, let identity):
            ["record": "adopting", "form": .string(form.rawValue), "identity": JSONValue(identity)]
        case .adopted(let generation): ["record": "adopted", "generation": generation.json]
        case .prepared(let generation): ["record": "prepared", "generation": generation.json]
        case .intent(let operation): ["record": "intent", "operation": operation.json]
        case .switched: ["record": "switched"]
        case .gate(let attempt): ["record": "gate", "attempt": .integer(Int64(attempt))]
        case .commit(let time): ["record": "commit", "time": .integer(time)]
        case .rollback(let reason, let blamed):
            .object(JSONObject([("record", "rollback"), ("reason", .string(reason))] + blamedMember(blamed)))
        case .rolledBack(let time): ["record": "rolled-back", "time": .integer(time)]
        case .aborted(let reason): ["record": "aborted", "reason": .string(reason)]
        case .degraded(let reason, let time):
            ["record": "degraded", "reason": .string(reason), "time": .integer(time)]
        case .unblocked(let digest): ["record": "unblocked", "tree": JSONValue(digest)]
        case .pinned(let number): ["record": "pinned", "number": .integer(Int64(number))]
        case .unpinned(let number): ["record": "unpinned", "number": .integer(Int64(number))]
        case .collected(let numbers):
            ["record": "collected", "numbers": .array(numbers.map { .integer(Int64($0)) })]
        case .snapshot(let state): ["record": "snapshot", "state": state.json]
        }
    }

    /// Reads a payload.
    ///
    /// - Throws: `JSONError` or `JSONShapeError`; unknown members and record names are refused, since a record written by
    ///   a newer Aurora must not be half understood.
    init(payload: [UInt8]) throws {
        var reader = try JSONReader(try JSONParser.parse(payload))
        let name = try reader.string("record")
        self = try Self.read(name, &reader)
        try reader.finish()
    }

    private static func read(_ name: String, _ reader: inout JSONReader) throws -> JournalRecord {
        switch name {
        case "adopting":
            let form = try reader.parsed("form", expected: "none, directory or link") { AdoptedForm(rawValue: $0) }
            return .adopting(form: form, identity: try TreeIdentity(optional: "identity", in: &reader))
        case "adopted": return .adopted(try Generation(reader: try reader.reader("generation")))
        case "prepared": return .prepared(try Generation(reader: try reader.reader("generation")))
        case "intent": return .intent(try Operation(reader: try reader.reader("operation")))
        case "switched": return .switched
        case "gate": return .gate(attempt: Int(try reader.integer("attempt", in: 1...1000)))
        case "commit": return .commit(time: try reader.integer("time"))
        case "rollback": return .rollback(reason: try reader.string("reason"), blamed: try reader.blamed())
        case "rolled-back": return .rolledBack(time: try reader.integer("time"))
        case "aborted": return .aborted(reason: try reader.string("reason"))
        case "degraded":
            return .degraded(reason: try reader.string("reason"), time: try reader.integer("time"))
        case "unblocked": return .unblocked(try reader.digest("tree"))
        case "pinned": return .pinned(Int(try reader.integer("number", in: 0...Int64.max)))
        case "unpinned": return .unpinned(Int(try reader.integer("number", in: 0...Int64.max)))
        case "collected": return .collected(try reader.array("numbers").map { Int($0.integer ?? -1) })
        case "snapshot": return .snapshot(try TargetState(reader: try reader.reader("state")))
        default: throw reader.error("record", "is \"\(name)\", which this version of Aurora does not know")
        }
    }
}

extension Operation {
    var json: JSONValue {
        var members: [(String, JSONValue)] = [
            ("action", .string(action.rawValue)), ("from", .integer(Int64(from))), ("to", .integer(Int64(to))),
            ("plan", JSONValue(plan)), ("began", .integer(began)), ("phase", .string(phase.rawValue)),
            ("attempts", .integer(Int64(attempts))), ("reason", JSONValue(reason)),
        ]
        // Said only where it is so, which keeps the records of hub targets what they always were.
        if hasSideWork { members.append(("beside", .bool(true))) }
        return .object(JSONObject(members + blamedMember(blamed)))
    }

    init(reader: JSONReader) throws {
        var reader = reader
        action = try reader.parsed("action", expected: "activate or rollback") { Action(rawValue: $0) }
        from = Int(try reader.integer("from", in: 0...Int64.max))
        to = Int(try reader.integer("to", in: 0...Int64.max))
        plan = try reader.optionalDigest("plan")
        began = try reader.integer("began")
        phase = try reader.parsed("phase", expected: "a phase") { Phase(rawValue: $0) }
        attempts = Int(try reader.integer("attempts", in: 1...1000))
        reason = try reader.optionalString("reason")
        hasSideWork = try reader.optionalBool("beside") ?? false
        blamed = try reader.blamed()
        try reader.finish()
    }
}

private func blamedMember(_ trees: [Digest]) -> [(String, JSONValue)] {
    trees.isEmpty ? [] : [("blamed", .array(trees.map { JSONValue($0) }))]
}

extension JSONReader {
    fileprivate mutating func blamed() throws -> [Digest] {
        try (optionalStrings("blamed") ?? []).map { text in
            guard let digest = Digest(hex: text) else { throw error("blamed", "holds \(text), which is no digest") }
            return digest
        }
    }
}
