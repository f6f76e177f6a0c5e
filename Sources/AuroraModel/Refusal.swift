/// A request that Aurora understood and will not do, with what the client needs to know.
///
/// Thrown by every domain module for what a client did wrong; the edge turns it into problem+json, an exit code and an
/// audit entry. The four parts answer: what was refused, on which thing, by which rule, what to do next.
package struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// What sort of mistake it was; the edge maps each to a status.
    package enum Kind: String, Sendable, CaseIterable {
        case badRequest, unauthenticated, forbidden, notFound, conflict, tooLarge, unprocessable
        case throttled, insufficientStorage, unavailable
    }

    package let kind: Kind
    /// Stable, lower-case with underscores, such as `approval_required`; clients branch on it.
    package let code: String
    /// One sentence for a person, without secrets and without server paths.
    package let message: String
    /// The thing it is about: a digest, an id, a name; empty when there is none.
    package let subject: String
    /// The rule that refused, in words.
    package let rule: String
    /// What to do next.
    package let remedy: String
    /// Further members of the answer, such as the fresh plan of a stale approval; null when there are none.
    package let details: JSONValue

    package init(
        _ kind: Kind, code: String, _ message: String, subject: String = "", rule: String = "", remedy: String = "",
        details: JSONValue = .null
    ) {
        self.kind = kind
        self.code = code
        self.message = message
        self.subject = subject
        self.rule = rule
        self.remedy = remedy
        self.details = details
    }

    package var description: String {
        let parts = [message, rule.isEmpty ? "" : "rule: \(rule)", remedy.isEmpty ? "" : "next: \(remedy)"]
        return parts.filter { !$0.isEmpty }.joined(separator: "; ")
    }
}

extension Refusal {
    /// A body or document of the wrong shape, as a refusal with code `bad_document`.
    package init(_ error: JSONShapeError, of document: String) {
        self.init(
            .badRequest, code: "bad_document", "\(document): \(error)", subject: error.path,
            rule: "the format of \(document)", remedy: "correct \(error.path.isEmpty ? "the document" : error.path)")
    }

    /// Bytes that are no acceptable JSON, as a refusal with code `bad_json`.
    package init(_ error: JSONError, of document: String) {
        self.init(
            error.rule == .tooLarge ? .tooLarge : .badRequest, code: "bad_json", "\(document) is \(error)",
            rule: "strict JSON: \(error.rule.rawValue)", remedy: "send valid JSON")
    }
}
