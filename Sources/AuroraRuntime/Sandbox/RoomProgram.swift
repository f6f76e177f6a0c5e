import AuroraSandbox
import AuroraSystem
import Glibc

/// A command that runs in a room: its time limit, and what it says.
///
/// Confined to the room's thread.
final class RoomProgram {
    private enum Stage {
        case running
        case asked
        case killed
    }

    let id: UInt32
    let command: [String]
    private let options: ConfinedRun
    private var began = ContinuousClock.now
    private let memoryKills: Int
    private var output: BoundedOutput
    private var errors: BoundedOutput
    private var stage = Stage.running
    private var isStopped = false
    /// When the next step against it is due.
    private(set) var deadline: ContinuousClock.Instant?

    init(_ request: RoomRequest, memoryKills: Int) {
        id = request.id
        command = request.command
        options = request.options
        self.memoryKills = memoryKills
        output = BoundedOutput(limit: options.outputLimit)
        errors = BoundedOutput(limit: options.outputLimit)
        deadline = began + options.timeout
    }

    /// Its time counts from now: it was asked for before its room was open.
    func begin() {
        began = .now
        deadline = began + options.timeout
    }

    /// Readable when it is to be stopped; -1 when nobody can, or somebody has.
    var stopDescriptor: Int32 { isStopped ? -1 : options.stop?.descriptor ?? -1 }

    /// Asks the keeper to run it, and gives the reading ends of its output streams.
    func start(_ keeper: RoomKeeper) throws(SandboxRefusal) -> [RoomStream] {
        let streams = try SandboxRefusal.naming(.keeper, "streams of \(command.first ?? "")") {
            () throws(SystemError) in
            try Streams(options.input)
        }
        try keeper.run(id: id, command: command, streams: streams.numbers)
        return streams.readers(of: self)
    }

    func take(_ bytes: [UInt8], from stream: OutputStreamName) {
        switch stream {
        case .output: output.append(bytes[...])
        case .error: errors.append(bytes[...])
        }
    }

    /// SIGTERM at its time limit or when it is to be stopped, SIGKILL after the grace.
    func enforce(_ now: ContinuousClock.Instant, _ keeper: RoomKeeper) {
        if !isStopped, let stop = options.stop, stop.wasRaised {
            isStopped = true
            if stage == .running { deadline = now }
        }
        guard let due = deadline, now >= due else { return }
        switch stage {
        case .running:
            stage = .asked
            deadline = now + options.killGrace
            keeper.signal(id: id, SIGTERM)
        case .asked:
            stage = .killed
            deadline = nil
            keeper.signal(id: id, SIGKILL)
        case .killed: deadline = nil
        }
    }

    func result(_ outcome: ProcessOutcome, memoryKills now: Int) -> ConfinedResult {
        let cause: ConfinedResult.Cause =
            switch outcome {
            case _ where stage != .running: isStopped ? .stopped : .timedOut
            // A script outlives the part of it that was killed: what counts is that it failed for it.
            case _ where now > memoryKills && outcome != .exited(0): .outOfMemory
            case .exited(let status): .exited(status)
            case .signalled(let signal): .signalled(signal)
            case .timedOut: .timedOut
            case .stopped: .stopped
            }
        return ConfinedResult(
            cause: cause, output: output.finish(), errorOutput: errors.finish(),
            truncated: output.isTruncated || errors.isTruncated, duration: ContinuousClock.now - began)
    }
}

/// The reading end of an output stream of a program, and of whatever that program left behind.
final class RoomStream {
    let name: OutputStreamName
    private(set) weak var program: RoomProgram?
    private(set) var isAtEnd = false
    private let reader: Descriptor

    init(_ name: OutputStreamName, of program: RoomProgram, _ reader: consuming Descriptor) {
        self.name = name
        self.program = program
        self.reader = reader
    }

    var descriptor: Int32 { isAtEnd ? -1 : reader.rawValue }

    /// The next bytes, at most 64 KiB; nil when none are there now or ever again.
    func read() -> [UInt8]? {
        if isAtEnd { return nil }
        let number = reader.rawValue
        let bytes = [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, count in
            let got = Glibc.read(number, buffer.baseAddress, buffer.count)
            if got == 0 || got < 0 && errno != EAGAIN && errno != EINTR { isAtEnd = true }
            count = max(0, got)
        }
        return bytes.isEmpty ? nil : bytes
    }
}

/// The standard streams of a program that is about to start; the child's ends are closed here when this goes.
private struct Streams: ~Copyable {
    private let input: Descriptor
    private let output: PipeEnds
    private let errors: PipeEnds

    init(_ source: ProcessSpec.Input) throws(SystemError) {
        let input = try Processes.openInput(source)
        let output = try PipeEnds()
        let errors = try PipeEnds()
        try output.reader.setNonBlocking()
        try errors.reader.setNonBlocking()
        self.input = input
        self.output = output
        self.errors = errors
    }

    var numbers: (Int32, Int32, Int32) { (input.rawValue, output.writer.rawValue, errors.writer.rawValue) }

    consuming func readers(of program: RoomProgram) -> [RoomStream] {
        [
            RoomStream(.output, of: program, output.closeWriter()),
            RoomStream(.error, of: program, errors.closeWriter()),
        ]
    }
}
