import CShims
import Glibc
import Synchronization

/// A child in its own session, held by its pidfd so that its number can never mean another process.
///
/// Safe to use from several threads. When the object goes before the child has ended, the whole group is killed.
package final class ChildProcess: Sendable {
    /// The process id, which is also the id of its process group and session unless it shares its parent's.
    package let pid: Int32
    /// What signals go to: the whole group, or the child alone where it shares its parent's.
    private let reached: Int32
    private let pidfd: Descriptor
    private let ended = Mutex<ProcessOutcome?>(nil)

    /// Readable (`poll`) when the child has ended.
    package var descriptor: Int32 { pidfd.rawValue }

    init(spec: ProcessSpec, streams: (Int32, Int32, Int32)) throws(SystemError) {
        let pid = try Spawn(spec: spec, streams: streams).start()
        let number = aurora_pidfd_open(pid)
        if number < 0 {
            let error = SystemError.last("pidfd_open", spec.executable)
            Glibc.kill(spec.sharesGroup ? pid : -pid, SIGKILL)
            waitpid(pid, nil, 0)
            throw error
        }
        self.pid = pid
        reached = spec.sharesGroup ? pid : -pid
        pidfd = Descriptor(adopting: number)
    }

    deinit {
        if ended.withLock({ $0 == nil }) {
            Glibc.kill(reached, SIGKILL)
            _ = try? reap()
        }
    }

    /// Starts a background child; `timeout` and `outputLimit` of the spec are not used.
    package static func start(
        _ spec: ProcessSpec, output: ProcessSpec.Output = .null, errorOutput: ProcessSpec.Output = .inherit
    ) throws(SystemError) -> ChildProcess {
        let null = try Descriptor.open("/dev/null", .readWrite)
        let input = try Processes.openInput(spec.stdin)
        func number(_ output: ProcessSpec.Output, _ own: Int32) -> Int32 {
            switch output {
            case .null: null.rawValue
            case .inherit: own
            case .descriptor(let other): other
            }
        }
        return try ChildProcess(
            spec: spec,
            streams: (input.rawValue, number(output, STDOUT_FILENO), number(errorOutput, STDERR_FILENO)))
    }

    /// Asks the whole group to end (SIGTERM).
    ///
    /// A child that made a session of its own is not reached.
    package func terminate() { signalGroup(SIGTERM) }

    /// Kills the whole group (SIGKILL).
    package func kill() { signalGroup(SIGKILL) }

    /// Sends a signal to the child alone.
    package func send(_ signal: Int32) { aurora_pidfd_send_signal(pidfd.rawValue, signal) }

    private func signalGroup(_ signal: Int32) {
        // Only while the child is not reaped is its number, and so the group's, certain to be ours.
        ended.withLock { outcome in
            if outcome == nil { _ = Glibc.kill(reached, signal) }
        }
    }

    /// Waits for the end; kills what is left of the group then.
    ///
    /// - Returns: nil when `timeout` passed and the child still runs.
    package func wait(timeout: Duration? = nil) throws(SystemError) -> ProcessOutcome? {
        let deadline = timeout.map { ContinuousClock.now + $0 }
        while true {
            var entry = pollfd(fd: pidfd.rawValue, events: Int16(POLLIN), revents: 0)
            let ready = poll(&entry, 1, deadline.map { ContinuousClock.now.milliseconds(until: $0) } ?? -1)
            if ready < 0 && errno != EINTR { throw .last("poll") }
            if ready > 0 { return try reap() }
            if let deadline, ContinuousClock.now >= deadline { return nil }
        }
    }

    /// Collects the exit status of a child that has ended (blocks if it has not) and kills the rest of its group.
    func reap() throws(SystemError) -> ProcessOutcome {
        let result: Result<ProcessOutcome, SystemError> = ended.withLock { known in
            if let known { return .success(known) }
            // Before the child is collected, so that the group's number cannot have been reused.
            Glibc.kill(reached, SIGKILL)
            var code: Int32 = 0
            var status: Int32 = 0
            while aurora_wait_pidfd(pidfd.rawValue, &code, &status) != 0 {
                if errno != EINTR { return .failure(.last("waitid")) }
            }
            let outcome: ProcessOutcome = code == CLD_EXITED ? .exited(status) : .signalled(status)
            known = outcome
            return .success(outcome)
        }
        return try result.get()
    }
}
