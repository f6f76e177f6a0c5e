import CShims
import Glibc

/// The one poll loop of a running child: its two output streams, its end, its time limit, and a stop from outside.
struct Collector: ~Copyable {
    private let child: ChildProcess
    private let outputStream: Descriptor
    private let errorStream: Descriptor
    private var isOpen = (true, true)
    private(set) var outcome: ProcessOutcome?
    private var deadline: ContinuousClock.Instant
    private let killGrace: Duration
    private var stage = Stage.running
    private let stop: StopSignal?
    private var isStopped = false
    var output: BoundedOutput
    var errors: BoundedOutput
    private var chunk = [UInt8](repeating: 0, count: 64 << 10)

    private enum Stage {
        case running
        case asked
        case killed
    }

    init(
        child: ChildProcess, output: consuming Descriptor, errors: consuming Descriptor, limit: Int,
        deadline: ContinuousClock.Instant, killGrace: Duration, stop: StopSignal?
    ) {
        self.child = child
        outputStream = output
        errorStream = errors
        self.output = BoundedOutput(limit: limit)
        self.errors = BoundedOutput(limit: limit)
        self.deadline = deadline
        self.killGrace = killGrace
        self.stop = stop
    }

    /// Runs until the child has ended and its pipes are empty.
    mutating func collect() throws(SystemError) -> ProcessOutcome {
        aurora_set_nonblocking(outputStream.rawValue)
        aurora_set_nonblocking(errorStream.rawValue)
        while true {
            var entries = [
                pollfd(fd: child.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: isOpen.0 ? outputStream.rawValue : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: isOpen.1 ? errorStream.rawValue : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: isStopped ? -1 : stop?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
            ]
            let wait = stage == .killed ? -1 : ContinuousClock.now.milliseconds(until: deadline)
            let ready = poll(&entries, 4, wait)
            if ready < 0 && errno != EINTR { throw .last("poll") }
            if ready > 0 {
                if entries[1].revents != 0 { try drain(first: true, rounds: 1) }
                if entries[2].revents != 0 { try drain(first: false, rounds: 1) }
                if entries[0].revents != 0 { return try finish() }
                if entries[3].revents != 0 {
                    isStopped = true
                    if stage == .running { escalate() }
                }
            }
            if stage != .killed, ContinuousClock.now >= deadline { escalate() }
        }
    }

    private mutating func escalate() {
        if stage == .running {
            stage = .asked
            deadline = ContinuousClock.now + killGrace
            child.terminate()
        } else {
            stage = .killed
            child.kill()
        }
    }

    /// The child has ended: kills its group, then takes what is still in the pipes.
    ///
    /// A process that left the group may hold a pipe open and write forever, so this reads what is there, at most 4 MiB.
    private mutating func finish() throws(SystemError) -> ProcessOutcome {
        let result = try child.reap()
        if isOpen.0 { try drain(first: true, rounds: 64) }
        if isOpen.1 { try drain(first: false, rounds: 64) }
        return stage == .running ? result : isStopped ? .stopped : .timedOut
    }

    private mutating func drain(first: Bool, rounds: Int) throws(SystemError) {
        for _ in 0..<rounds {
            let number = first ? outputStream.rawValue : errorStream.rawValue
            let count = chunk.withUnsafeMutableBytes { read(number, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                if errno == EAGAIN { return }
                throw .last("read")
            }
            if count == 0 {
                if first { isOpen.0 = false } else { isOpen.1 = false }
                return
            }
            if first { output.append(chunk[..<count]) } else { errors.append(chunk[..<count]) }
        }
    }
}
