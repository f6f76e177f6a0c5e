/// What `gpgv` reported on its status descriptor, sorted by keyword.
///
/// The channel is a pipe that only `gpgv` writes to, so a line of any other form means that something is wrong and nothing
/// on the channel is believed (``isReadable``). GnuPG escapes line breaks in everything that comes from the signature or
/// the key, so a user id or a notation cannot forge a line. Source: GnuPG, doc/DETAILS, "Format of the --status-fd output".
struct GPGStatus: Hashable, Sendable {
    /// One `VALIDSIG` line: the facts of a signature whose mathematics hold, which alone means nothing.
    struct ValidSignature: Hashable, Sendable {
        let signedAt: Int64
        let hashAlgorithm: Int
        /// `00` is a signature over a binary document.
        let signatureClass: String
        /// Of the primary key, 40 or 64 upper-case hexadecimal digits.
        let primaryFingerprint: String
    }

    /// One line: keyword and the rest.
    struct Line: Hashable, Sendable {
        let keyword: Substring
        let fields: [Substring]
    }

    let lines: [Line]
    /// Whether every line was a status line with a keyword that is known here.
    let isReadable: Bool

    /// Keywords that say nothing for or against a signature.
    private static let harmless: Set<Substring> = [
        "KEY_CONSIDERED", "SIG_ID", "NOTATION_NAME", "NOTATION_FLAGS", "NOTATION_DATA", "POLICY_URL", "KEYEXPIRED",
        "VERIFICATION_COMPLIANCE_MODE", "PROGRESS",
    ]
    /// Keywords that the judgement looks at.
    private static let decisive: Set<Substring> = [
        "NEWSIG", "GOODSIG", "VALIDSIG", "BADSIG", "ERRSIG", "EXPSIG", "EXPKEYSIG", "REVKEYSIG", "NO_PUBKEY", "NODATA",
        "UNEXPECTED", "BADARMOR", "KEYREVOKED", "SIGEXPIRED", "FAILURE", "ERROR", "PLAINTEXT", "PLAINTEXT_LENGTH",
    ]

    init(_ output: [UInt8]) {
        let text = String(decoding: output, as: UTF8.self)
        let all = text.split(separator: "\n")
        lines = all.compactMap { line in
            guard line.hasPrefix("[GNUPG:] ") else { return nil }
            let words = line.dropFirst("[GNUPG:] ".count).split(separator: " ", omittingEmptySubsequences: true)
            guard let keyword = words.first else { return nil }
            return Line(keyword: keyword, fields: Array(words.dropFirst()))
        }
        isReadable =
            lines.count == all.count
            && lines.allSatisfy { line in
                GPGStatus.harmless.contains(line.keyword) || GPGStatus.decisive.contains(line.keyword)
                    || line.keyword.hasPrefix("TRUST_")
            }
    }

    func count(_ keyword: String) -> Int {
        lines.count { $0.keyword == keyword }
    }

    func has(_ keyword: String) -> Bool { count(keyword) > 0 }

    /// Whether the only good signature is followed by its facts, as `gpgv` writes them.
    var goodThenValid: Bool {
        guard let good = lines.firstIndex(where: { $0.keyword == "GOODSIG" }),
            let valid = lines.firstIndex(where: { $0.keyword == "VALIDSIG" })
        else { return false }
        return good < valid
    }

    /// The facts of the only `VALIDSIG` line; nil when there is none, more than one, or one that cannot be read.
    var validSignature: ValidSignature? {
        let found = lines.filter { $0.keyword == "VALIDSIG" }
        guard found.count == 1, let fields = found.first?.fields, fields.count == 10,
            let signedAt = Int64(fields[2]), (0..<1 << 40).contains(signedAt), let hash = Int(fields[7]),
            GPGStatus.isFingerprint(fields[9])
        else { return nil }
        return ValidSignature(
            signedAt: signedAt, hashAlgorithm: hash, signatureClass: String(fields[8]),
            primaryFingerprint: String(fields[9]))
    }

    /// The key id a signature names, from `NO_PUBKEY`, for messages.
    var missingKey: String? {
        lines.first { $0.keyword == "NO_PUBKEY" }?.fields.first.map(String.init)
    }

    static func isFingerprint(_ text: some StringProtocol) -> Bool {
        (text.utf8.count == 40 || text.utf8.count == 64)
            && text.utf8.allSatisfy { (48...57).contains($0) || (65...70).contains($0) }
    }
}
