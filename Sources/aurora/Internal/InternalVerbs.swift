import AuroraSystem

/// The verbs of children that the hub starts in a sandbox; not for people, so in no help text.
enum InternalVerbs {
    /// Runs `aurora internal <verb> …` and returns the exit code.
    static func run(_ arguments: ArraySlice<String>) -> Int32 {
        switch arguments.first {
        case "unpack": return UnpackVerb.run(arguments.dropFirst())
        case "parse-suggestion" where arguments.count == 1: return ParseSuggestionVerb.run()
        default:
            Standard.writeError("aurora internal: started by the hub only, with unpack or parse-suggestion\n")
            return 64
        }
    }
}
