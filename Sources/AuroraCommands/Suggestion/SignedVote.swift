import AuroraCrypto
import AuroraModel
import AuroraTrust

/// An operator's signed yes or no over one plan.
enum SignedVote {
    /// Makes the in-toto statement and signs it as a DSSE envelope.
    ///
    /// - Parameter suggestion: the suggestion as the API gives it.
    static func envelope(
        _ decision: ApprovalStatement.Decision, plan: Plan, suggestion: JSONValue, user: String, reason: String,
        key: Ed25519PrivateKey, now: Timestamp
    ) throws -> JSONValue {
        let end = Timestamp(rfc3339: suggestion.text("expires")) ?? now.adding(seconds: 3600)
        let statement = ApprovalStatement(
            plan: plan, suggestion: try SuggestionID.require(suggestion.text("id")), decision: decision,
            operator: try UserName.require(user), reason: reason, notBefore: now, notAfter: end)
        var envelope = Envelope(payloadType: ApprovalStatement.payloadType, payload: statement.bytes)
        envelope.sign(with: key)
        return envelope.json
    }
}
