import AuroraApprovals
import AuroraFields
import AuroraModel

/// The page docs/reference/configuration.md.
enum ConfigurationReference {
    static var text: String {
        var text = """
            # The configuration: `aurora.yaml`

            Made from the table that reads the file by `make docs`; do not edit.

            Read when the hub starts, from `--config FILE`, else from `aurora.yaml` in the state folder; without either,
            the defaults hold. `aurora config check FILE` reads it as the hub would and names every problem with line,
            column and remedy. Unknown fields are errors. YAML anchors, aliases and tags are refused. Relative paths
            start at the file's folder. Numbers are written in digits (`68719476736`; `_` may group them), also where
            this page says `64 GiB`.

            ## The file


            """
        text += FieldReference.text(HubConfiguration.facts)
        return (text + closing).withOneLineEnd
    }

    private static let closing = """
        `apply` and `health` come from this file only, never from an artifact. There is no shell; they run with a cleared
        environment and a time limit for their whole process group.
        """
}

/// The page docs/reference/policy.md.
enum PolicyReference {
    static var text: String {
        let fields = PolicySettings.table
        let rows = fields.map { entry in
            let facts = entry.field.facts
            return [Markdown.code(facts.name), facts.type, facts.range, facts.unit, facts.meaning]
        }
        let columns = defaults
        let values = fields.map { entry in
            [Markdown.code(entry.field.facts.name)] + columns.map { entry.shown($0.policy) }
        }
        return """
            # The policy

            Made from the table that reads the file by `make docs`; do not edit.

            A policy says who must say yes, and how, before a target may change. It is written in `aurora.yaml` under
            `policies`, by domain, or as `policy` of one target; what is left out keeps the default. The policy of a target
            is the shipped default of its domain and safety class, changed by `policies.DOMAIN`, then by its own `policy`.
            How to write one: [set a policy](../how-to/set-a-policy.md). What plans say about it:
            [the format](../formats/policy.md).

            ## Fields

            \(Markdown.table(["field", "value", "range", "unit", "meaning"], rows))
            ## Defaults

            \(Markdown.table(["field"] + columns.map(\.name), values))
            A target of `core` is routine unless told otherwise, every other one safety-critical. A domain of your own has
            the defaults of `automotive`.

            ## Floors

            A hub does not start (`weak_policy`) while a safety-critical target would have fewer than two approvers, take
            approvals that are not operator-signed, allow self-approval or unsigned artifacts, or take reasons under 10
            characters; nor while one of `satellite` would not ask for the countersignature, or any policy asks for it and names no
            key.

            """.withOneLineEnd
    }

    /// The shipped defaults, told apart only where they differ.
    private static var defaults: [(name: String, policy: Policy)] {
        [
            ("`core`, routine", .defaults(for: .core, safety: .routine)),
            ("`core`, safety-critical", .defaults(for: .core, safety: .safetyCritical)),
            ("`automotive`, `maritime`, `aviation`", .defaults(for: .automotive)),
            ("the same, routine", .defaults(for: .automotive, safety: .routine)),
            ("`satellite`", .defaults(for: .satellite)),
        ]
    }
}
