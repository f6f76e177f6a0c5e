import AuroraModel
import AuroraSystem
import AuroraTestSupport

@testable import AuroraCommands

/// A device in a home folder of its own, used in this process as at its terminal.
struct PackBench {
    let home: String
    private var bench: Bench

    /// Gives `body` a device that accepts packs nobody signed and approvals typed at its terminal.
    static func with(_ body: (PackBench) throws -> Void) throws {
        try withTemporaryDirectory { home in
            let bench = PackBench(home: home)
            _ = bench.run("device", "init", "--accept-console", "--accept-unsigned")
            try body(bench)
        }
    }

    private init(home: String) {
        self.home = home
        bench = Bench(home: home, environment: ["AURORA_STATE": "\(home)/state"])
    }

    /// The same device for somebody who has set a variable in the shell.
    func setting(_ variables: [String: String]) -> PackBench {
        var other = self
        other.bench.environment.merge(variables) { $1 }
        return other
    }

    var device: String { "\(home)/state/device" }

    /// Runs the program where nobody can be asked.
    func run(_ arguments: String...) -> Ran { bench.run(arguments) }

    func run(_ arguments: [String]) -> Ran { bench.run(arguments) }

    /// Runs the program at a terminal where somebody types these lines.
    func typing(_ lines: [String], _ arguments: String...) -> Ran {
        var bench = bench
        bench.isInteractive = true
        bench.answers = lines
        return bench.run(arguments)
    }

    /// Writes a pack whose programs do nothing; the path of its folder.
    func pack(_ id: String = "a", _ version: String = "1.0.0", _ lines: String..., health: String = "exit 0") throws
        -> String
    {
        let folder = "\(home)/\(id)-\(version)"
        for name in ["install.sh", "start.sh", "stop.sh", "health_check.sh"] {
            try write(
                "#!/usr/bin/env bash\n\(name == "health_check.sh" ? health : "exit 0")\n", to: "\(folder)/\(name)",
                mode: 0o755)
        }
        try write(
            """
            schema_version: "aurora-manifest-v1"
            pack:
              id: "\(id)"
              name: "Pack \(id)"
              version: "\(version)"
              description: "does nothing"
              entrypoint: {install: "install.sh", start: "start.sh", stop: "stop.sh", health: "health_check.sh"}
            \(lines.map { "  \($0)\n" }.joined())
            """, to: "\(folder)/manifest.yaml")
        return folder
    }

    /// Stages a pack and makes it active.
    func install(_ folder: String, _ id: String = "a") -> Ran {
        _ = run("pack", "stage", folder)
        return typing(["APPROVE", "a test"], "pack", "install", id)
    }
}
