/// One member a request body may have: what is accepted, what is documented and what is checked are the same value.
struct BodyField: Sendable {
    /// What a member must look like.
    enum Kind: Sendable {
        case string(minimum: Int, maximum: Int)
        case choice([String])
        case digest
        case integer(ClosedRange<Int64>)
        case boolean
        /// Any JSON object; the handler reads it itself (DSSE envelopes).
        case object
    }

    let name: String
    let kind: Kind
    let isRequired: Bool
    let summary: String

    init(_ name: String, _ kind: Kind, required: Bool = true, _ summary: String) {
        self.name = name
        self.kind = kind
        isRequired = required
        self.summary = summary
    }

    /// Text of 1 to `maximum` characters.
    static func text(_ name: String, maximum: Int = 4096, required: Bool = true, _ summary: String) -> BodyField {
        BodyField(name, .string(minimum: 1, maximum: maximum), required: required, summary)
    }

    /// The reason of an act: empty is let through here, the rule about reasons belongs to the policy.
    static func reason(required: Bool = true) -> BodyField {
        BodyField(
            "reason", .string(minimum: 0, maximum: 4000), required: required,
            "Why; at least 10 characters unless the hub runs with --dev.")
    }
}
