/// What a suggestion file or a request body asks for, before anyone has made a plan of it.
package struct NewSuggestionRequest: Hashable, Sendable {
    package let action: Plan.Action
    package let target: TargetName
    /// What to promote, as the SHA-256 of a staged artifact; nil for a rollback.
    package let release: Digest?
    /// Which generation to go back to; nil means the one before.
    package let generation: Int64?
    package let reason: String

    package init(action: Plan.Action, target: TargetName, release: Digest?, generation: Int64? = nil, reason: String) {
        self.action = action
        self.target = target
        self.release = release
        self.generation = generation
        self.reason = reason
    }

    /// Most bytes of a suggestion file.
    package static let maximumBytes = 65536
    /// Most characters of a reason.
    package static let maximumReason = 4000

    /// Reads the bytes of a suggestion file from a drop folder: strict JSON
    /// `{action, target, release | sha256, generation?, reason}` of at most 64 KiB.
    ///
    /// A pure function of the bytes, meant to run in a process without rights; commands inside such a file, which the
    /// prototype had, are refused like any unknown member.
    /// - Throws: A ``Refusal`` with code `bad_json` or `bad_document`.
    package static func parse(_ bytes: [UInt8]) throws(Refusal) -> NewSuggestionRequest {
        let value: JSONValue
        do { value = try JSONParser.parse(bytes, maximumBytes: maximumBytes, depth: 4) } catch {
            throw Refusal(error, of: "the suggestion")
        }
        do { return try NewSuggestionRequest(value) } catch { throw Refusal(error, of: "the suggestion") }
    }

    package init(_ value: JSONValue) throws(JSONShapeError) {
        var reader = try JSONReader(value)
        action = try reader.parsed("action", expected: "promote or rollback") { Plan.Action(rawValue: $0) }
        target = try reader.identifier("target")
        let byName = try reader.optionalDigest("release")
        let byDigest = try reader.optionalDigest("sha256")
        generation = try reader.optionalInteger("generation", in: 0...Int64.max)
        reason = try reader.string("reason")
        try reader.finish()
        guard byName == nil || byDigest == nil else { throw reader.error("sha256", "and release are both given") }
        release = byName ?? byDigest
        guard reason.count <= NewSuggestionRequest.maximumReason else {
            throw reader.error("reason", "is longer than \(NewSuggestionRequest.maximumReason) characters")
        }
        guard (action == .promote) == (release != nil) else {
            throw reader.error("release", action == .promote ? "is missing" : "has no place in a rollback")
        }
        guard action == .rollback || generation == nil else {
            throw reader.error("generation", "has no place in a promote")
        }
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "action": .string(action.rawValue), "target": .string(target.text), "reason": .string(reason),
        ]
        if let release { object["release"] = JSONValue(release) }
        if let generation { object["generation"] = .integer(generation) }
        return .object(object)
    }
}
