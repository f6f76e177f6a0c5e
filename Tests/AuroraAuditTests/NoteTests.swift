import AuroraCrypto
import AuroraModel
import Testing

@testable import AuroraAudit

struct NoteTests {
    /// The example of golang.org/x/mod/sumdb/note, made by other code.
    static let vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    static let seed = "gQoUAtUUbI2E8kQzMPVAgOv5juF9nHT2JS/F1ccoMXM="
    static let note =
        "If you think cryptography is the answer to your problem,\n"
        + "then you don't know what your problem is.\n\n"
        + "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"

    @Test("A note made by other code verifies, and its key reads back as the same text")
    func foreignNote() throws {
        let verifier = try VerifierKey(Self.vkey)
        let note = try SignedNote(bytes: Array(Self.note.utf8))
        #expect(verifier.description == Self.vkey)
        #expect(note.standing(under: verifier) == .signed)
        #expect(note.bytes == Array(Self.note.utf8))
    }

    @Test("The same key makes the same note, byte for byte")
    func sameNote() throws {
        let key = try Ed25519PrivateKey(seed: #require(Base64.decode(Self.seed)))
        let verifier = try VerifierKey(name: "PeterNeumann", key: key.publicKey)
        #expect(verifier.description == Self.vkey)
        let text = try SignedNote(bytes: Array(Self.note.utf8)).text
        #expect(SignedNote(text: text, signedBy: key, as: verifier).bytes == Array(Self.note.utf8))
    }

    @Test("A changed text spoils the signature; another key's signature means nothing")
    func standings() throws {
        let verifier = try VerifierKey(Self.vkey)
        let changed = Self.note.replacing("think", with: "thing")
        #expect(try SignedNote(bytes: Array(changed.utf8)).standing(under: verifier) == .wrong)
        let other = try VerifierKey(name: "PeterNeumann", key: Ed25519PrivateKey().publicKey)
        #expect(try SignedNote(bytes: Array(Self.note.utf8)).standing(under: other) == .unknownSigner)
    }

    @Test("Sixteen signatures are read, unknown ones ignored, one wrong signature of a known key spoils all")
    func manySignatures() throws {
        let verifier = try VerifierKey(Self.vkey)
        let foreign = (0..<15).map { number in
            let key = Ed25519PrivateKey()
            let text = String(Self.note.prefix(20)) + "\n"
            guard let name = try? VerifierKey(name: "witness\(number)", key: key.publicKey) else { return "" }
            let note = SignedNote(text: text, signedBy: key, as: name)
            return String(decoding: note.bytes.dropFirst(text.utf8.count + 1), as: UTF8.self)
        }
        let many = Self.note + foreign.joined()
        let note = try SignedNote(bytes: Array(many.utf8))
        #expect(note.signatures.count == 16)
        #expect(note.standing(under: verifier) == .signed)
        let spoiled = many + "— PeterNeumann x08go/Z\n"
        #expect(throws: AuditError.self) { try SignedNote(bytes: Array(spoiled.utf8)) }
        let wrong = many + "— PeterNeumann x08go/ZJkuBS\n"
        #expect(try SignedNote(bytes: Array(wrong.utf8)).standing(under: verifier) == .wrong)
    }

    @Test(
        "Texts that are no signed notes are refused",
        arguments: [
            "", "\n", "text\n", "text\n\n", "text\n— a AAAAAAAA\n", "text\n\n— a AAAAAAAA", "text\n\n- a AAAAAAAA\n",
            "text\n\n— a\n", "text\n\n— a b AAAAAAAA\n", "text\n\n— a+b AAAAAAAA\n", "text\n\n— a AAAA\n",
            "text\n\n— a AAAAAAA\n", "te\txt\n\n— a AAAAAAAA\n", "te\rxt\n\n— a AAAAAAAA\n", "text\n\n—  AAAAAAAA\n",
        ])
    func malformedNotes(_ text: String) {
        #expect(throws: AuditError.self) { try SignedNote(bytes: Array(text.utf8)) }
    }

    @Test("A note that is not UTF-8 or longer than 1 MiB is refused")
    func oversizedNotes() {
        #expect(throws: AuditError.self) { try SignedNote(bytes: [0xFF] + Array(Self.note.utf8)) }
        let long = Array(repeating: UInt8(ascii: "a"), count: 1 << 20) + Array(Self.note.utf8)
        #expect(throws: AuditError.self) { try SignedNote(bytes: long) }
    }

    @Test("Text and signatures are parted at the last empty line")
    func lastEmptyLine() throws {
        let note = try SignedNote(bytes: Array("one\n\ntwo\n\n— a AAAAAAAA\n".utf8))
        #expect(note.text == "one\n\ntwo\n")
    }

    @Test(
        "Keys that are malformed or whose id does not fit are refused",
        arguments: [
            "", "a", "a+b", "a+c74f20a3+!!!!", "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+c74f20a3+BBpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+c74f20a3+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ])
    func malformedKeys(_ text: String) {
        #expect(throws: AuditError.self) { try VerifierKey(text) }
    }

    @Test("A checkpoint's text reads back, with extension lines ignored")
    func checkpoints() throws {
        let checkpoint = Checkpoint(origin: "example.com/log", size: 20_852_163, root: Digest(hashing: [1]))
        #expect(try Checkpoint(text: checkpoint.text) == checkpoint)
        #expect(try Checkpoint(text: checkpoint.text + "extension\n") == checkpoint)
    }

    @Test(
        "Checkpoints with odd sizes, roots or lines are refused",
        arguments: [
            "o\n01\nR\n", "o\n-1\nR\n", "o\n+1\nR\n", "o\n \nR\n", "o\n1\nAAAA\n", "o\n1\n", "\n1\nR\n", "o\n1\nR",
            "o\n9223372036854775808\nR\n", "o\n1\nR\n\n",
        ])
    func malformedCheckpoints(_ text: String) {
        let root = Base64.encode(Digest(hashing: []).bytes)
        #expect(throws: AuditError.self) { try Checkpoint(text: text.replacing("R", with: root)) }
    }
}
