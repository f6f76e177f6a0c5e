import AuroraCrypto
import AuroraModel
import AuroraTrust
import Testing

@Suite("DSSE envelopes")
struct EnvelopeTests {
    @Test func `the signed bytes are the standard's example`() {
        let envelope = Envelope(payloadType: "http://example.com/HelloWorld", payload: Array("hello world".utf8))
        let expected = "DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        #expect(envelope.preAuthenticationEncoding == Array(expected.utf8))
    }

    @Test func `a signature holds for this payload and this type only`() throws {
        let key = Ed25519PrivateKey()
        var envelope = Envelope(payloadType: "a", payload: [1, 2, 3])
        #expect(!envelope.isSigned(by: key.publicKey))
        envelope.sign(with: key)
        #expect(envelope.isSigned(by: key.publicKey))
        #expect(!envelope.isSigned(by: Ed25519PrivateKey().publicKey))
        let otherType = Envelope(payloadType: "b", payload: [1, 2, 3], signatures: envelope.signatures)
        #expect(!otherType.isSigned(by: key.publicKey))
        let otherPayload = Envelope(payloadType: "a", payload: [1, 2, 4], signatures: envelope.signatures)
        #expect(!otherPayload.isSigned(by: key.publicKey))
    }

    @Test func `the key id in the envelope decides nothing`() throws {
        let key = Ed25519PrivateKey()
        var honest = Envelope(payloadType: "a", payload: [1])
        honest.sign(with: key)
        let renamed = Envelope(
            payloadType: "a", payload: [1],
            signatures: [.init(keyID: "someone-else", bytes: honest.signatures[0].bytes)])
        #expect(renamed.isSigned(by: key.publicKey))
    }

    @Test func `what is written is read back`() throws {
        var envelope = Envelope(payloadType: ApprovalStatement.payloadType, payload: Array("{}".utf8))
        envelope.sign(with: Ed25519PrivateKey())
        #expect(try Envelope(parsing: envelope.json.compactBytes) == envelope)
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"payloadType":"a","payload":"!","signatures":[{"keyid":"","sig":"AA=="}]}"#,
        #"{"payloadType":"a","payload":"AA==","signatures":[]}"#,
        #"{"payloadType":"a","payload":"AA==","signatures":[{"keyid":"x","sig":"AA==","cert":"y"}]}"#,
        #"{"payloadType":"a","payload":"AA==","payload":"AQ==","signatures":[{"keyid":"x","sig":"AA=="}]}"#,
        #"{"payloadType":"a","payload":"AA==","signatures":[{"keyid":"x"}],"more":1}"#,
    ])
    func `refuses what is not exactly an envelope`(_ text: String) throws {
        let error = try #require(throws: Refusal.self) { try Envelope(parsing: Array(text.utf8)) }
        #expect(["bad_json", "bad_document"].contains(error.code))
    }
}
