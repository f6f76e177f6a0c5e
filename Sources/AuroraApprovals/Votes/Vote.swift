import AuroraCrypto
package import AuroraModel
package import AuroraTrust

/// One person's recorded yes or no, with the signed statement that proves it.
package struct Vote: Hashable, Sendable {
    /// What the statement is signed with.
    package enum Signature: String, Sendable, CaseIterable {
        /// The operator's own key; the hub could not have made it.
        case operatorSigned = "operator-signed"
        /// The hub's key, for somebody who was logged in. Weaker: a stolen hub could make it.
        case countersigned
    }

    package let suggestion: SuggestionID
    package let user: UserName
    /// The human behind the account when the vote was cast.
    package let person: String
    package let decision: ApprovalStatement.Decision
    package let reason: String
    package let cast: Timestamp
    package let notBefore: Timestamp
    package let notAfter: Timestamp
    package let signature: Signature
    /// The DSSE envelope with the signed statement.
    package let envelope: Envelope
    /// Whether the person has voted anew since.
    package let isReplaced: Bool

    package init(
        suggestion: SuggestionID, user: UserName, person: String, decision: ApprovalStatement.Decision, reason: String,
        cast: Timestamp, notBefore: Timestamp, notAfter: Timestamp, signature: Signature, envelope: Envelope,
        isReplaced: Bool = false
    ) {
        self.suggestion = suggestion
        self.user = user
        self.person = person
        self.decision = decision
        self.reason = reason
        self.cast = cast
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.signature = signature
        self.envelope = envelope
        self.isReplaced = isReplaced
    }

    /// The vote for answers and pages, envelope included.
    package var json: JSONValue {
        [
            "user": .string(user.text), "decision": .string(decision.rawValue), "reason": .string(reason),
            "time": JSONValue(cast), "notAfter": JSONValue(notAfter), "signature": .string(signature.rawValue),
            "weaker": .bool(signature == .countersigned), "replaced": .bool(isReplaced), "envelope": envelope.json,
        ]
    }
}
