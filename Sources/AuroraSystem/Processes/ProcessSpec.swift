/// What to run, exactly: nothing is inherited that is not named here.
package struct ProcessSpec: Sendable {
    /// Where the child's standard input comes from.
    package enum Input: Sendable {
        case null
        /// These bytes, in a private memory file.
        case bytes([UInt8])
        /// An open descriptor of the parent; its file offset is shared.
        case descriptor(Int32)
    }

    /// Where an output stream of a background child goes.
    package enum Output: Sendable {
        case null
        /// The parent's own stream.
        case inherit
        /// An open descriptor of the parent.
        case descriptor(Int32)
    }

    /// Absolute path of the program; never searched in `PATH`.
    package var executable: String
    /// Arguments after the program's name.
    package var arguments: [String]
    /// The whole environment; empty unless given.
    package var environment: [String: String]
    /// Nil keeps the parent's.
    package var workingDirectory: String?
    package var stdin: Input
    /// Most bytes kept of each output stream: the first half and the last half.
    ///
    /// All output is drained.
    package var outputLimit: Int
    /// Longest run time before the whole group is asked to end (SIGTERM).
    package var timeout: Duration
    /// Time between SIGTERM and SIGKILL.
    package var killGrace: Duration
    /// Further descriptors: the child's number and the parent's.
    ///
    /// All others are closed in the child.
    package var descriptors: [(child: Int32, parent: Int32)]
    /// Whether the child stays in the parent's session and process group, where a Ctrl-C reaches both.
    ///
    /// Signals then go to the child alone.
    package var sharesGroup = false
    /// Ends the child early when it is raised.
    package var stop: StopSignal?

    package init(
        executable: String, arguments: [String] = [], environment: [String: String] = [:],
        workingDirectory: String? = nil, stdin: Input = .null, outputLimit: Int = 64 * 1024,
        timeout: Duration = .seconds(60), killGrace: Duration = .seconds(2),
        descriptors: [(child: Int32, parent: Int32)] = []
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.stdin = stdin
        self.outputLimit = outputLimit
        self.timeout = timeout
        self.killGrace = killGrace
        self.descriptors = descriptors
    }
}

/// How a child ended.
package enum ProcessOutcome: Hashable, Sendable, CustomStringConvertible {
    /// By itself, with this exit status (0 … 255).
    case exited(Int32)
    /// By this signal, not sent because of the time limit.
    case signalled(Int32)
    /// It was still running at the time limit and was killed.
    case timedOut
    /// It was killed because its ``StopSignal`` was raised.
    case stopped

    package var description: String {
        switch self {
        case .exited(let status): "exit status \(status)"
        case .signalled(let signal): "ended by signal \(signal)"
        case .timedOut: "killed at its time limit"
        case .stopped: "killed because it was told to stop"
        }
    }
}

/// What a child said and how it ended.
package struct ProcessResult: Hashable, Sendable {
    package let outcome: ProcessOutcome
    /// Standard output as bytes, which need not be UTF-8.
    package let output: [UInt8]
    /// Standard error as bytes.
    package let errorOutput: [UInt8]
    /// Whether bytes in the middle of either stream were dropped.
    package let truncated: Bool
    package let duration: Duration

    /// Whether it exited with status 0.
    package var isSuccess: Bool { outcome == .exited(0) }
}
