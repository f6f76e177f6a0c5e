import AuroraSystem

/// How long a person waits for the command line to do anything at all.
enum StartRows {
    static func run(_ bench: Bench) throws -> [ResultRow] {
        let program = try bench.program("aurora")
        let python = Tool.find("python3")
        var ours = Samples(.seconds)
        var plain = Samples(.seconds)
        var interpreted = Samples(.seconds)
        for _ in 0..<30 {
            ours.add(try start(program, ["version"]))
            plain.add(try start(try Tool.require("true"), []))
            if let python { interpreted.add(try start(python, ["-c", "pass"])) }
        }
        return [
            ResultRow(
                "aurora version, start to end, 30 rounds", ours: ours.text, peer: "true: \(plain.text)",
                ratio: times(ours.median, plain.median), bar: "< 20 ms", isMet: ours.median < 0.02),
            ResultRow(
                "the same against an interpreter", ours: ours.text,
                peer: python == nil ? "python3 is not installed" : "python3 -c pass: \(interpreted.text)",
                ratio: times(ours.median, interpreted.median)),
        ]
    }

    private static func start(_ program: String, _ arguments: [String]) throws -> Double {
        try seconds {
            let result = try Processes.run(
                ProcessSpec(executable: program, arguments: arguments, environment: Tool.environment))
            guard result.isSuccess else { throw BenchError("\(program) ended with \(result.outcome)") }
        }
    }
}
