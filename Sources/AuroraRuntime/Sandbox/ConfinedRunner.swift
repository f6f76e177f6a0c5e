package import AuroraSandbox
package import AuroraSystem

/// Runs programs in the room that a ``Confinement`` describes.
///
/// Every layer is in place before the first instruction of the program, or the program does not run. Any thread may call;
/// calls block.
package protocol ConfinedRunner: Sendable {
    /// Runs one command to its end in a sandbox of its own; everything in it is dead when this returns.
    ///
    /// - Parameter command: a path inside, such as `/pack/install.sh`, and its arguments.
    /// - Throws: the layer that could not be put in place; then nothing has run.
    func run(
        _ command: [String], in room: Confinement, _ options: ConfinedRun
    ) throws(SandboxRefusal) -> ConfinedResult

    /// Opens a sandbox that stays until it is closed; programs that a command leaves behind stay with it.
    ///
    /// - Parameter output: receives every byte that any program inside writes, also after its command has ended.
    func open(_ room: Confinement, output: any OutputSink) throws(SandboxRefusal) -> any OpenRoom

    /// The layers that no room can have on this machine, found out by trying; blocks for some milliseconds.
    func missingLayers() -> [SandboxRefusal]
}

extension ConfinedRunner {
    package func missingLayers() -> [SandboxRefusal] { [] }
}

/// A sandbox that is open: commands run in it one after the other and see each other's processes.
///
/// Everything in it dies with the process that opened it.
package protocol OpenRoom: AnyObject, Sendable {
    /// Runs a command in it; processes that the command leaves behind go on.
    func run(_ command: [String], _ options: ConfinedRun) throws(SandboxRefusal) -> ConfinedResult

    /// What runs in it now, the keeper of the sandbox not counted.
    func members() -> [RoomMember]

    /// Whether memory ran out in it since it was opened.
    var ranOutOfMemory: Bool { get }

    /// How the last process ended that a command had left behind, once nothing is left running; nil when there was none.
    var lastExit: ServiceExit? { get }

    /// The control group that bounds it, as a folder of the host; nil where it has none.
    var cgroup: String? { get }

    /// Waits until nothing is left running in it.
    ///
    /// - Returns: whether that happened within `timeout`.
    func waitUntilEmpty(timeout: Duration) -> Bool

    /// Ends everything in it: SIGTERM, `grace`, then the kill of the whole cgroup or process namespace.
    ///
    /// - Returns: processes that were still there after the kill; none is the rule.
    func close(grace: Duration) -> [RoomMember]
}

extension OpenRoom {
    package var lastExit: ServiceExit? { nil }
    package var cgroup: String? { nil }
}

/// A process in an open room.
package struct RoomMember: Hashable, Sendable {
    /// The process id as the host sees it.
    package let pid: Int32
    /// Its command line, for people.
    package let command: String

    package init(pid: Int32, command: String) {
        self.pid = pid
        self.command = command
    }
}

/// How one command in a room is run.
package struct ConfinedRun: Sendable {
    /// Longest run time; then the command and, in a room of its own, everything else in it is killed.
    package var timeout: Duration = .seconds(60)
    /// Time between SIGTERM and SIGKILL.
    package var killGrace: Duration = .seconds(2)
    /// Bytes kept of each output stream for the result.
    package var outputLimit = 64 << 10
    package var input = ProcessSpec.Input.null
    /// Ends the command early when it is raised.
    package var stop: StopSignal?

    package init(timeout: Duration = .seconds(60)) { self.timeout = timeout }
}

/// How a command in a room ended, and what it said.
package struct ConfinedResult: Hashable, Sendable {
    /// Why it ended.
    package enum Cause: Hashable, Sendable {
        /// By itself, with this exit status (0 … 255).
        case exited(Int32)
        /// By this signal, sent by nobody who supervises it.
        case signalled(Int32)
        /// The kernel killed something in the room because memory ran out.
        case outOfMemory
        /// It was still running at its time limit and was killed.
        case timedOut
        /// It was killed because its ``StopSignal`` was raised.
        case stopped
    }

    package let cause: Cause
    /// Standard output as bytes, bounded, which need not be UTF-8.
    package let output: [UInt8]
    /// Standard error as bytes, bounded.
    package let errorOutput: [UInt8]
    /// Whether bytes in the middle of either stream were dropped.
    package let truncated: Bool
    package let duration: Duration

    package init(cause: Cause, output: [UInt8], errorOutput: [UInt8], truncated: Bool, duration: Duration) {
        self.cause = cause
        self.output = output
        self.errorOutput = errorOutput
        self.truncated = truncated
        self.duration = duration
    }

    /// Whether it exited with status 0.
    package var isSuccess: Bool { cause == .exited(0) }
}

extension ConfinedResult.Cause: CustomStringConvertible {
    /// What happened, to be put after the name of the command.
    package var description: String {
        switch self {
        case .exited(let status): "ended with exit status \(status)"
        case .signalled(let signal): "was ended by signal \(signal)"
        case .outOfMemory: "ran out of memory"
        case .timedOut: "was still running at its time limit"
        case .stopped: "was stopped"
        }
    }
}

/// Takes what programs write; called from one thread at a time, must not block for long.
package protocol OutputSink: Sendable {
    func receive(_ bytes: [UInt8], from stream: OutputStreamName)
}

/// Which of a program's streams.
package enum OutputStreamName: String, Hashable, Sendable, Codable {
    case output = "stdout"
    case error = "stderr"
}
