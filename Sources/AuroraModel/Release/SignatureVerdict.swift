/// What the signature over an artifact is worth, judged once and shown wherever the artifact is.
package struct SignatureVerdict: Hashable, Sendable {
    /// The five outcomes an operator tells apart.
    package enum State: String, Sendable, CaseIterable {
        /// Every rule of the judgement holds.
        case good
        /// There is no signature at all.
        case unsigned
        /// There is one, and it does not hold; ``SignatureVerdict/reason`` says which rule.
        case bad
    }

    /// Which bytes the signature covers.
    package enum Coverage: String, Sendable, CaseIterable {
        /// The artifact's bytes: proves who made them, not what they are called.
        case artifact
        /// A release file that names the artifact: name, version and hardware are proven too.
        case release
    }

    package let state: State
    package let covers: Coverage
    /// Stable code of the broken rule, such as `expired_key`; empty when good.
    package let reason: String
    /// Of the primary key, 40 upper-case hexadecimal digits; nil unless one is known.
    package let fingerprint: String?
    package let signedAt: Timestamp?
    /// What it means and what to do, for a person.
    package let explanation: String

    package init(
        state: State, covers: Coverage = .artifact, reason: String = "", fingerprint: String? = nil,
        signedAt: Timestamp? = nil, explanation: String
    ) {
        self.state = state
        self.covers = covers
        self.reason = reason
        self.fingerprint = fingerprint
        self.signedAt = signedAt
        self.explanation = explanation
    }

    package var isGood: Bool { state == .good }

    package static let unsigned = SignatureVerdict(
        state: .unsigned, reason: "unsigned",
        explanation: "There is no signature. Sign the artifact (aurora release sign) and upload the .asc beside it.")

    /// The same verdict, said of other bytes.
    package func covering(_ coverage: Coverage) -> SignatureVerdict {
        SignatureVerdict(
            state: state, covers: coverage, reason: reason, fingerprint: fingerprint, signedAt: signedAt,
            explanation: explanation)
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "state": .string(state.rawValue), "covers": .string(covers.rawValue),
            "explanation": .string(explanation),
        ]
        if !reason.isEmpty { object["reason"] = .string(reason) }
        if let fingerprint { object["fingerprint"] = .string(fingerprint) }
        if let signedAt { object["signedAt"] = JSONValue(signedAt) }
        return .object(object)
    }

    package init(_ reader: JSONReader) throws(JSONShapeError) {
        var reader = reader
        state = try reader.parsed("state", expected: "good, unsigned or bad") { State(rawValue: $0) }
        covers = try reader.parsed("covers", expected: "artifact or release") { Coverage(rawValue: $0) }
        reason = try reader.optionalString("reason") ?? ""
        fingerprint = try reader.optionalString("fingerprint")
        signedAt = try reader.optionalTimestamp("signedAt")
        explanation = try reader.string("explanation")
        try reader.finish()
    }
}
