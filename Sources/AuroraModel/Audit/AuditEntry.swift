/// One line of the log: who did or tried what, on which thing, why, from where, and whether it was let through.
package struct AuditEntry: Hashable, Sendable {
    package static let format = "aurora-audit-v1"

    package enum Outcome: Hashable, Sendable {
        case accepted
        /// With the stable code of the refusal.
        case refused(code: String)
    }

    /// One further fact, such as a digest.
    package struct Detail: Hashable, Sendable {
        package let name: String
        package let value: String
        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package let time: Timestamp
    package let actor: Actor
    /// Noun and verb, such as `release.stage`.
    package let action: String
    package let subject: String
    package let outcome: Outcome
    package let reason: String
    /// Sorted by name, each name once.
    package let details: [Detail]

    package init(
        time: Timestamp, actor: Actor, action: String, subject: String, outcome: Outcome = .accepted,
        reason: String = "", details: [Detail] = []
    ) {
        self.time = time
        self.actor = actor
        self.action = action
        self.subject = subject
        self.outcome = outcome
        self.reason = reason
        let object = JSONObject(details.map { ($0.name, .string($0.value)) })
        self.details = object.sortedMembers.map { Detail($0.key, $0.value.string ?? "") }
    }

    /// As the initialiser above, with the details as pairs.
    package init(
        time: Timestamp, actor: Actor, action: String, subject: String, outcome: Outcome = .accepted,
        reason: String = "", details: [(String, String)]
    ) {
        self.init(
            time: time, actor: actor, action: action, subject: subject, outcome: outcome, reason: reason,
            details: details.map { Detail($0.0, $0.1) })
    }

    /// The canonical bytes that become a leaf of the log.
    package var bytes: [UInt8] { json.documentBytes }

    package var json: JSONValue {
        var object: JSONObject = [
            "format": .string(AuditEntry.format), "time": JSONValue(time), "actor": .string(actor.name),
            "via": .string(actor.via.description), "address": .string(actor.address), "action": .string(action),
            "subject": .string(subject), "reason": .string(reason),
            "details": .object(JSONObject(details.map { ($0.name, .string($0.value)) })),
        ]
        switch outcome {
        case .accepted: object["outcome"] = "accepted"
        case .refused(let code):
            object["outcome"] = "refused"
            object["code"] = .string(code)
        }
        return .object(object)
    }

    package init(bytes: [UInt8]) throws(Refusal) {
        let value: JSONValue
        do { value = try JSONParser.parse(bytes, maximumBytes: 65535, depth: 4) } catch {
            throw Refusal(error, of: "the audit entry")
        }
        do { try self.init(value) } catch { throw Refusal(error, of: "the audit entry") }
    }

    package init(_ value: JSONValue) throws(JSONShapeError) {
        var reader = try JSONReader(value)
        _ = try reader.parsed("format", expected: AuditEntry.format) { $0 == AuditEntry.format ? $0 : nil }
        let time = try reader.timestamp("time")
        let name = try reader.string("actor")
        let via = try reader.parsed("via", expected: "token:…, session, console or system") { ActorVia($0) }
        let address = try reader.string("address")
        let action = try reader.string("action")
        let subject = try reader.string("subject")
        let reason = try reader.string("reason")
        let word = try reader.string("outcome")
        let code = try reader.optionalString("code")
        var details: [Detail] = []
        for (key, value) in try reader.reader("details").object.members {
            guard let text = value.string else { throw reader.error("details.\(key)", "must be a string") }
            details.append(Detail(key, text))
        }
        try reader.finish()
        let outcome: Outcome
        switch (word, code) {
        case ("accepted", nil): outcome = .accepted
        case ("refused", let code?): outcome = .refused(code: code)
        default: throw reader.error("outcome", "must be accepted, or refused with a code")
        }
        self.init(
            time: time, actor: Actor(name: name, via: via, address: address), action: action, subject: subject,
            outcome: outcome, reason: reason, details: details)
    }

    /// The line the prototype's audit route answers with: `<unix time> VERB subject …`, always one harmless line.
    package var legacyLine: String {
        let verb = (action.split(separator: ".").last.map(String.init) ?? action).uppercased()
        var words = ["\(time.seconds)"]
        if case .refused = outcome { words.append("REFUSED") }
        words += [verb, subject.isEmpty ? "-" : subject, "by=\(actor.name)"]
        if case .refused(let code) = outcome { words.append("code=\(code)") }
        if !reason.isEmpty { words.append("reason=\(reason)") }
        return words.map { $0.printable(limit: 400) }.joined(separator: " ")
    }
}
