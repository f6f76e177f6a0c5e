package import AuroraCrypto
package import AuroraModel

/// A DSSE envelope: a typed payload and signatures over both.
///
/// What is signed is ``preAuthenticationEncoding``, so neither type nor payload can be swapped, and no canonical form of
/// the payload is needed. Source: secure-systems-lab/dsse, protocol.md and envelope.md, version 1.0.
package struct Envelope: Hashable, Sendable {
    /// One signature; its key id is a hint, never a decision.
    package struct Signature: Hashable, Sendable {
        package let keyID: String
        package let bytes: [UInt8]

        package init(keyID: String, bytes: [UInt8]) {
            self.keyID = keyID
            self.bytes = bytes
        }
    }

    package let payloadType: String
    package let payload: [UInt8]
    package private(set) var signatures: [Signature]

    /// Largest envelope that is read, in bytes.
    package static let largest = 256 * 1024

    package init(payloadType: String, payload: [UInt8], signatures: [Signature] = []) {
        self.payloadType = payloadType
        self.payload = payload
        self.signatures = signatures
    }

    /// `DSSEv1 LEN(type) type LEN(payload) payload`, the bytes that are signed.
    package var preAuthenticationEncoding: [UInt8] {
        var bytes = Array("DSSEv1 \(payloadType.utf8.count) \(payloadType) \(payload.count) ".utf8)
        bytes += payload
        return bytes
    }

    /// Adds `key`'s signature.
    package mutating func sign(with key: Ed25519PrivateKey) {
        signatures.append(
            Signature(keyID: key.publicKey.keyID.text, bytes: key.sign(preAuthenticationEncoding)))
    }

    /// Whether one of the signatures is by `key`.
    ///
    /// The key id in the envelope plays no part.
    package func isSigned(by key: Ed25519PublicKey) -> Bool {
        let message = preAuthenticationEncoding
        return signatures.contains { key.isValid(signature: $0.bytes, for: message) }
    }
}

extension Envelope {
    /// The envelope as JSON with standard base64.
    package var json: JSONValue {
        [
            "payloadType": .string(payloadType), "payload": .string(Base64.encode(payload)),
            "signatures": .array(
                signatures.map { ["keyid": .string($0.keyID), "sig": .string(Base64.encode($0.bytes))] }),
        ]
    }

    /// Reads JSON bytes strictly: no unknown members, at least one signature, at most sixteen.
    /// - Throws: `Refusal` with code `bad_json` or `bad_document`.
    package init(parsing bytes: [UInt8]) throws(Refusal) {
        do {
            try self.init(JSONParser.parse(bytes, maximumBytes: Envelope.largest))
        } catch let error as JSONError {
            throw Refusal(error, of: "the envelope")
        } catch let error as Refusal {
            throw error
        } catch {
            throw Refusal(.badRequest, code: "bad_document", "the envelope: \(error)")
        }
    }

    /// Reads a JSON value strictly, like ``init(parsing:)``.
    package init(_ value: JSONValue) throws(Refusal) {
        do throws(JSONShapeError) {
            var reader = try JSONReader(value)
            payloadType = try reader.string("payloadType")
            payload = try reader.parsed("payload", expected: "base64") { Envelope.decoded($0) }
            var signatures: [Signature] = []
            for var signature in try reader.readers("signatures") {
                let keyID = try signature.optionalString("keyid") ?? ""
                let bytes = try signature.parsed("sig", expected: "base64") { Envelope.decoded($0) }
                try signature.finish()
                signatures.append(Signature(keyID: keyID, bytes: bytes))
            }
            guard (1...16).contains(signatures.count) else {
                throw reader.error("signatures", "must hold 1 to 16 signatures")
            }
            self.signatures = signatures
            try reader.finish()
        } catch {
            throw Refusal(error, of: "the envelope")
        }
    }

    /// Both alphabets are allowed by the standard.
    private static func decoded(_ text: String) -> [UInt8]? {
        Base64.decode(text) ?? Base64.decodeURL(text)
    }
}
