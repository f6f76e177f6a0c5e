import AuroraCrypto
import AuroraModel
import AuroraTrust

/// Judges an operator-signed envelope when it is handed in; every way it can fail has a code of its own.
struct EnvelopeCheck {
    let suggestion: Suggestion
    let voter: Voter
    let decision: ApprovalStatement.Decision
    let now: Timestamp

    /// The statement, when the envelope is one of `voter`'s over exactly this suggestion.
    func statement(in envelope: Envelope) throws(Refusal) -> ApprovalStatement {
        guard envelope.payloadType == ApprovalStatement.payloadType else {
            throw refusal(
                .badRequest, "wrong_payload_type", "the envelope holds \(envelope.payloadType.printable(limit: 60))",
                "use \(ApprovalStatement.payloadType)")
        }
        guard voter.keys.contains(where: { envelope.isSigned(by: $0) }) else {
            throw refusal(
                .forbidden, "unknown_signer",
                "no signature in the envelope is by a key that is admitted for \(voter.name)",
                "sign with your own key; a new one must be admitted by an admin first (aurora user key admit)")
        }
        let statement = try ApprovalStatement(bytes: envelope.payload)
        guard statement.bytes == envelope.payload else {
            throw refusal(
                .badRequest, "statement_not_canonical", "the signed statement is not in canonical form",
                "make it with aurora approval approve")
        }
        guard statement.operatorName == voter.name else {
            throw refusal(
                .forbidden, "other_operator", "the statement speaks for \(statement.operatorName), not \(voter.name)",
                "sign a statement in your own name")
        }
        guard statement.decision == decision else {
            throw refusal(
                .conflict, "other_decision", "the statement says \(statement.decision.rawValue)",
                "send it to that route, or sign another one")
        }
        if let mismatch = StatementCheck(suggestion: suggestion).mismatch(in: statement) { throw mismatch }
        try checkTimes(statement)
        return statement
    }

    private func checkTimes(_ statement: ApprovalStatement) throws(Refusal) {
        guard now <= statement.notAfter, statement.notBefore <= statement.notAfter else {
            throw refusal(
                .conflict, "approval_expired", "the statement was valid until \(statement.notAfter)",
                "sign a new one; check your clock")
        }
        guard now >= statement.notBefore.adding(seconds: -PolicyCheck.skewSeconds) else {
            throw refusal(
                .conflict, "approval_not_yet_valid", "the statement is valid from \(statement.notBefore) on",
                "wait until then, or check your clock")
        }
    }

    private func refusal(_ kind: Refusal.Kind, _ code: String, _ message: String, _ remedy: String) -> Refusal {
        Refusal(
            kind, code: code, message, subject: suggestion.id.text,
            rule: "an operator-signed approval is a DSSE envelope with an in-toto statement by an admitted key",
            remedy: remedy)
    }
}
