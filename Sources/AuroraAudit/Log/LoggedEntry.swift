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
}
