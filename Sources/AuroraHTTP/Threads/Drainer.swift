import AuroraSystem
import CMicrohttpd
import Glibc

/// Reads and drops what clients still send on closing connections, so that their last answer is not lost.
///
/// Closing a socket with unread bytes makes the kernel reset it, and a reset can overtake the answer (RFC 9112
/// section 9.6). The library closes at once; this keeps a copy of the socket open for a moment.
final class Drainer: Sendable {
    private struct Entry {
        let socket: Int32
        let deadline: ContinuousClock.Instant
    }

    private struct State {
        var arrivals: [Entry] = []
        var isStopped = false
    }

    /// More sockets than this are closed at once instead.
    private static let most = 128
    private let state: Monitor<State>
    private let thread: ServiceThread
    private let lingerTime: Duration

    /// Starts the thread; it sleeps while there is nothing to drain.
    init?(lingerTime: Duration) {
        let state = Monitor(State())
        guard let thread = ServiceThread(name: "http-drainer", run: { Self.run(state) }) else { return nil }
        self.state = state
        self.thread = thread
        self.lingerTime = lingerTime
    }

    /// Takes over a socket whose answer is already with the kernel.
    func drain(_ socket: Int32) {
        let entry = Entry(socket: socket, deadline: .now + lingerTime)
        var isTaken = false
        state.change { state in
            guard !state.isStopped, state.arrivals.count < Self.most else { return }
            state.arrivals.append(entry)
            isTaken = true
        }
        if !isTaken { close(socket) }
    }

    /// Closes everything and ends the thread.
    func stop() {
        state.change(wakingAll: true) { $0.isStopped = true }
        thread.join()
    }

    private static func run(_ state: Monitor<State>) {
        var entries: [Entry] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        defer { for entry in entries { close(entry.socket) } }
        while true {
            let isEmpty = entries.isEmpty
            // With sockets at hand only a glance for new ones; without any, sleep.
            let arrived = state.wait(timeout: isEmpty ? nil : .zero) { state -> [Entry]? in
                guard !state.isStopped else { return [] }
                guard !state.arrivals.isEmpty else { return isEmpty ? nil : [] }
                defer { state.arrivals = [] }
                return state.arrivals
            }
            if state.withLock({ $0.isStopped }) { return }
            for entry in arrived ?? [] {
                if entries.count < most { entries.append(entry) } else { close(entry.socket) }
            }
            pollOnce(&entries, &buffer)
        }
    }

    private static func pollOnce(_ entries: inout [Entry], _ buffer: inout [UInt8]) {
        var polls = entries.map { pollfd(fd: $0.socket, events: Int16(POLLIN), revents: 0) }
        poll(&polls, nfds_t(polls.count), 20)
        let now = ContinuousClock.now
        entries = zip(entries, polls).filter { entry, poll in
            if poll.revents != 0 {
                let count = recv(entry.socket, &buffer, buffer.count, AURORA_MSG_DONTWAIT)
                let isOver = count == 0 || count < 0 && errno != EAGAIN && errno != EINTR
                if isOver {
                    close(entry.socket)
                    return false
                }
            }
            guard now < entry.deadline else {
                close(entry.socket)
                return false
            }
            return true
        }.map(\.0)
    }
}
