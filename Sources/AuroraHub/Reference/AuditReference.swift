import AuroraFields
import AuroraModel

/// The page docs/reference/audit.md.
enum AuditReference {
    static var text: String {
        var text = """
            # The audit log: what is in it

            Made from the list of acts by `make docs`; do not edit. How an entry is written, hashed, published and verified:
            [the format](../formats/audit-log.md).

            Everything that changes something and every refusal is one entry. Its members: `time`, `actor`, `via`, `address`,
            `action`, `subject`, `outcome` (with the `code` of a refusal, from [the refusals](problems.md)), `reason`,
            `details`. Members of `details` are texts, and empty where nothing is to be said. Under `--dev` entries of accounts
            and of the service carry `dev`.


            """
        for group in groups {
            text += "## \(group.name)\n\n"
            text += Markdown.table(["action", "what", "actor", "subject", "details"], group.acts.map(row)) + "\n"
        }
        return text.withOneLineEnd
    }

    private static func row(_ act: AuditAct) -> [String] {
        let facts = act.facts
        let details = facts.details.map { "`\($0.name)`: \($0.meaning)" }.joined(separator: "; ")
        return [Markdown.code(act.rawValue), facts.meaning, facts.by, facts.subject, details]
    }

    /// The acts by their noun, in the order of the list.
    private static var groups: [(name: String, acts: [AuditAct])] {
        var groups: [(name: String, acts: [AuditAct])] = []
        for act in AuditAct.allCases {
            let noun = String(act.rawValue.prefix { $0 != "." })
            if groups.last?.name == noun {
                groups[groups.count - 1].acts.append(act)
            } else {
                groups.append((noun, [act]))
            }
        }
        return groups
    }
}
