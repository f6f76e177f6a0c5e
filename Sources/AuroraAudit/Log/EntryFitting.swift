import AuroraCrypto
import AuroraModel

/// Makes every entry fit into a bundle (65,535 bytes): nothing is left out of the log for being long.
///
/// What is too long is replaced by its beginning and its SHA-256, so that the full text, kept elsewhere, can still be
/// tied to the entry.
enum EntryFitting {
    private static let keptCharacters = 500

    /// The bytes of the entry, cut if need be.
    static func bytes(of entry: AuditEntry) -> [UInt8] {
        let whole = entry.bytes
        if whole.count <= EntryBundle.entryLimit { return whole }
        let summary = [
            AuditEntry.Detail("cut_bytes", String(whole.count)),
            AuditEntry.Detail("cut_sha256", Hex.encode(SHA256.hash(whole))),
        ]
        let actor = Actor(name: shorten(entry.actor.name), via: entry.actor.via, address: shorten(entry.actor.address))
        let cut = AuditEntry(
            time: entry.time, actor: actor, action: shorten(entry.action), subject: shorten(entry.subject),
            outcome: shorten(entry.outcome), reason: shorten(entry.reason), details: summary)
        return cut.bytes
    }

    private static func shorten(_ text: String) -> String {
        text.unicodeScalars.count <= keptCharacters ? text : String(text.unicodeScalars.prefix(keptCharacters)) + "…"
    }

    private static func shorten(_ outcome: AuditEntry.Outcome) -> AuditEntry.Outcome {
        switch outcome {
        case .accepted: .accepted
        case .refused(let code): .refused(code: shorten(code))
        }
    }
}
