package import AuroraModel

/// One entry of the log with its number.
package struct LoggedEntry: Hashable, Sendable {
    /// Its place in the log, from 0.
    package let number: Int64
    /// The bytes that were hashed.
    package let bytes: [UInt8]

    /// What the bytes say.
    /// - Throws: A refusal when they are not an entry of a format that this program knows.
    package func decoded() throws(Refusal) -> AuditEntry {
        try AuditEntry(bytes: bytes)
    }

    /// The line that the prototype's route answers with; always one harmless line.
    package var legacyLine: String {
        do throws(Refusal) { return try decoded().legacyLine } catch {
            return "0 UNREADABLE entry=\(number)"
        }
    }

    /// What was hashed, with its number in the log, as the API and the command line show it.
    package var json: JSONValue {
        var object: JSONObject = ["index": .integer(number)]
        guard let entry = try? decoded(), case .object(let members) = entry.json else {
            object["action"] = "unreadable"
            return .object(object)
        }
        for member in members.members where member.key != "format" { object[member.key] = member.value }
        if object["code"] == nil { object["code"] = .null }
        return .object(object)
    }
}
