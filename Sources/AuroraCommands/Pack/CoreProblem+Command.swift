import AuroraPacks

extension CommandError {
    /// What a core refused, with the exit code of its kind.
    init(_ problem: CoreProblem) {
        let exit: ExitCode =
            switch problem.code {
            case "not_running", "gone": .unreachable
            case "unknown_pack": .notFound
            case "busy", "running": .conflict
            case "forbidden": .forbidden
            default: .failure
            }
        self.init(problem.message, remedy: problem.remedy, code: "core_\(problem.code)", exit: exit)
    }
}
