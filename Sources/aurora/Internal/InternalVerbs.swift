import AuroraSystem

/// The verbs of children that the hub starts in a sandbox and the core beside itself; not for people, so in no help text.
enum InternalVerbs {
    /// Runs `aurora internal <verb> …` and returns the exit code.
    static func run(_ arguments: ArraySlice<String>) -> Int32 {
        switch arguments.first {
        case "beside": return BesideVerb.run(arguments.dropFirst())
        case "unpack": return UnpackVerb.run(arguments.dropFirst())
        case "parse-suggestion" where arguments.count == 1: return ParseSuggestionVerb.run()
        default:
            Standard.writeError(
                "aurora internal: started by other commands only, with unpack, parse-suggestion or beside\n")
            return 64
        }
    }
}
