import AuroraSystem

/// `aurora internal beside PID COMMAND …`: runs a command that ends when the process that started it does.
enum BesideVerb {
    static func run(_ arguments: ArraySlice<String>) -> Int32 {
        guard let text = arguments.first, let parent = Int32(text), arguments.count > 1 else {
            Standard.writeError("aurora internal beside: the parent's process id and a command are needed\n")
            return 64
        }
        // It may have gone before the kernel was asked.
        guard ProcessRights.endWithParent(parent) else { return 1 }
        return Aurora.run(Array(arguments.dropFirst()))
    }
}
