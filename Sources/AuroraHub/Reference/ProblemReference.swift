import AuroraFields
import AuroraModel

/// The page docs/reference/problems.md.
enum ProblemReference {
    static var text: String {
        var text = """
            # Refusals

            Made from the catalogue of codes by `make docs`; do not edit.

            Every refusal is problem+json (RFC 9457). `code` is stable: clients branch on it, never on the words; `type` is `urn:aurora:problem:` and the code. `title` says
            what sort of mistake it is, `detail` what it was this time, `subject` on which thing, `rule` which rule refused,
            `remedy` what to do next. `instance` is the id of the request in the hub's log. Errors of the prototype's routes
            also carry `error` (9710) or `detail` (9711).

            The command line turns them into [exit codes](exit-codes.md).


            """
        for group in ProblemCatalogue.groups {
            text += "## \(group.name)\n\n"
            text +=
                Markdown.table(
                    ["code", "status", "meaning", "what to do"],
                    group.kinds.map { kind in
                        [
                            Markdown.code(kind.code), kind.statuses.map(String.init).joined(separator: ", "),
                            kind.title,
                            kind.remedy,
                        ]
                    }) + "\n"
        }
        text += """
            ## Made from a state

            `key_proposed`, `key_admitted`, `key_revoked` (409): the key has that state already. `change_` and a state of a
            change (409): how the change ended that a prototype client waited for.
            """
        return text.withOneLineEnd
    }
}
