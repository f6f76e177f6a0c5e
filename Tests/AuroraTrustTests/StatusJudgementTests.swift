import AuroraModel
import AuroraSystem
import Testing

@testable import AuroraTrust

/// The judgement alone, on status texts that gpgv writes, used to write, or should never write.
@Suite("S-39 status lines")
struct StatusJudgementTests {
    private static let key = String(repeating: "A", count: 40)
    private static let other = String(repeating: "B", count: 40)
    private static let new = "[GNUPG:] NEWSIG"
    private static let good = "[GNUPG:] GOODSIG AAAA Name"

    private static func valid(
        time: String = "1000", digest: String = "8", class kind: String = "00", primary: String = key
    ) -> String {
        "[GNUPG:] VALIDSIG \(other) 1970-01-01 \(time) 0 4 0 22 \(digest) \(kind) \(primary)"
    }

    struct Row: CustomTestStringConvertible {
        let name: String
        let lines: [String]
        /// Empty when the signature is good.
        let reason: String
        var succeeded = true
        var testDescription: String { name }

        init(_ name: String, _ lines: [String], _ reason: String, succeeded: Bool = true) {
            self.name = name
            self.lines = lines
            self.reason = reason
            self.succeeded = succeeded
        }
    }

    static let rows: [Row] = [
        Row("good", [new, good, valid()], ""),
        Row("good, but gpgv failed", [new, good, valid()], "unreadable", succeeded: false),
        Row("nothing at all", [], "unreadable"),
        Row("VALIDSIG without GOODSIG", [new, valid()], "unreadable"),
        Row("GOODSIG without VALIDSIG", [new, good], "unreadable"),
        Row("wrong order", [new, valid(), good], "unreadable"),
        Row("two GOODSIG", [new, good, good, valid()], "unreadable"),
        Row("two VALIDSIG", [new, good, valid(), valid()], "unreadable"),
        Row("two signatures", [new, good, valid(), new, good, valid()], "several_signatures"),
        Row("no NEWSIG", [good, valid()], "unreadable"),
        Row("a foreign line", [new, good, valid(), "gpgv: hello"], "unreadable"),
        Row("an unknown keyword", [new, good, valid(), "[GNUPG:] SURPRISE 1"], "unreadable"),
        Row("an error beside", [new, good, valid(), "[GNUPG:] ERROR x 1"], "unreadable"),
        Row("a failure beside", [new, good, valid(), "[GNUPG:] FAILURE gpgv 1"], "unreadable"),
        Row("BADSIG beside a good one", [new, good, valid(), "[GNUPG:] BADSIG A B"], "bad_signature"),
        Row("EXPKEYSIG with VALIDSIG", [new, "[GNUPG:] EXPKEYSIG A B", valid()], "expired_key"),
        Row("REVKEYSIG with VALIDSIG", [new, "[GNUPG:] REVKEYSIG A B", valid()], "revoked_key"),
        Row("EXPSIG with VALIDSIG", [new, "[GNUPG:] EXPSIG A B", valid()], "expired_signature"),
        Row("NODATA beside", [new, good, valid(), "[GNUPG:] NODATA 1"], "no_data"),
        Row("a message inside", [new, good, valid(), "[GNUPG:] PLAINTEXT 62 0"], "not_detached"),
        Row("allowed subkey, foreign primary", [new, good, valid(primary: other)], "key_not_allowed"),
        Row("MD5", [new, good, valid(digest: "1")], "weak_digest"),
        Row("SHA-1", [new, good, valid(digest: "2")], "weak_digest"),
        Row("SHA-224", [new, good, valid(digest: "11")], "weak_digest"),
        Row("text class", [new, good, valid(class: "01")], "not_detached"),
        Row("a key signature's class", [new, good, valid(class: "10")], "not_detached"),
        Row("before the floor", [new, good, valid(time: "499")], "signed_too_early"),
        Row("on the floor", [new, good, valid(time: "500")], ""),
        Row("fifteen minutes ahead", [new, good, valid(time: "2900")], ""),
        Row("more than that", [new, good, valid(time: "2901")], "signed_in_future"),
        Row("a time that is no number", [new, good, valid(time: "soon")], "unreadable"),
        Row("a time beyond counting", [new, good, valid(time: "9223372036854775807")], "unreadable"),
        Row("VALIDSIG with fields missing", [new, good, "[GNUPG:] VALIDSIG \(key)"], "unreadable"),
        Row("VALIDSIG with one too many", [new, good, valid() + " " + key], "unreadable"),
    ]

    @Test("each status text has the verdict it deserves", arguments: rows)
    func table(_ row: Row) {
        let verifier = OpenPGPVerifier(
            keyring: "/nowhere", allowedFingerprints: [Self.key], signatureFloor: Timestamp(seconds: 500),
            clock: .fixed(2_000_000))
        let status = GPGStatus(Array(row.lines.joined(separator: "\n").utf8))
        let verdict = verifier.judge(status, succeeded: row.succeeded)
        #expect(verdict.reason == row.reason)
        #expect(verdict.isGood == row.reason.isEmpty)
        #expect(verdict.explanation.count > 20 && verdict.explanation.hasSuffix("."))
    }
}
