import AuroraModel

extension Invocation {
    /// Runs a request that may need an approval first: then the filed suggestion is the result, with exit code 10.
    func orPending(_ request: () throws -> ExitCode) throws -> ExitCode {
        do {
            return try request()
        } catch let error as CommandError where error.code == "approval_required" {
            guard let suggestion = error.details["suggestion"], !suggestion.text("id").isEmpty else { throw error }
            showPending(suggestion)
            return .approvalPending
        }
    }

    /// Shows a suggestion that waits for people, and who can do what next.
    func showPending(_ suggestion: JSONValue) {
        let id = suggestion.text("id")
        console.show("Suggestion", suggestion, names: [id]) { SuggestionText.line(suggestion) }
        console.note("  next: aurora approval show \(id); an approver then: aurora approval approve \(id)")
    }
}
