import AuroraFields

extension CommandError {
    /// What is wrong with a document: the first problem with its place and remedy, and how many more there are.
    ///
    /// - Parameters:
    ///   - all: the command that shows every problem.
    ///   - cause: why nothing is done with a document that is not understood as a whole.
    init(_ error: DocumentError, all: String, cause: String = "", code: String, exit: ExitCode) {
        let (first, others) = (error.problems.first, error.problems.count - 1)
        self.init(
            (first?.statement ?? "the document is wrong")
                + (others > 0 ? "; and \(others) more: \(all) shows all" : ""),
            cause: cause, remedy: first?.remedy ?? "", code: code, exit: exit)
    }
}
