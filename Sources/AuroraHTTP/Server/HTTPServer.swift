import Glibc
import Synchronization

/// An HTTP/1.1 server on libmicrohttpd: sockets on one thread per address, handlers on workers.
///
/// Thread rule: every method may be called from any thread but a worker of the same server.
package final class HTTPServer: Sendable {
    private struct Running {
        var core: ServerCore
        var loops: [EventLoop]
        var watchdog: Watchdog
        var port: UInt16
    }

    private enum State {
        case idle
        case running(Running)
        case stopped
    }

    private let configuration: HTTPServerConfiguration
    private let handler: any HTTPHandler
    private let state = Mutex(State.idle)

    /// Describes a server; nothing happens before ``start()``.
    package init(configuration: HTTPServerConfiguration, handler: any HTTPHandler) {
        self.configuration = configuration
        self.handler = handler
    }

    /// The port it listens on; 0 when it does not run.
    package var boundPort: UInt16 {
        state.withLock { state in
            if case .running(let running) = state { running.port } else { 0 }
        }
    }

    /// Listens and serves until ``stop(drain:)``.
    package func start() throws(HTTPServerError) {
        try state.withLock { state throws(HTTPServerError) in
            guard case .idle = state else { throw .state("it was started before") }
            state = .running(try launch())
        }
    }

    private func launch() throws(HTTPServerError) -> Running {
        var tls: TLSKeeper?
        if let files = configuration.tls {
            tls = TLSKeeper(try TLSIdentity(files))
        }
        let sockets = try ListeningSocket.open(configuration.address, port: configuration.port)
        guard
            let workers = WorkerPool(count: configuration.workerThreads),
            let drainer = Drainer(lingerTime: configuration.limits.lingerTime)
        else { throw .state("the system gives no more threads") }
        let core = ServerCore(
            configuration: configuration, handler: handler, workers: workers, drainer: drainer, tls: tls)
        guard let watchdog = Watchdog(limits: configuration.limits, connections: { core.connections }) else {
            throw .state("the system gives no more threads")
        }
        let loops = sockets.map { EventLoop(core: core, listening: $0) }
        do throws(HTTPServerError) {
            for loop in loops { try loop.start() }
        } catch {
            for loop in loops { loop.stop() }
            watchdog.stop()
            drainer.stop()
            workers.stop()
            throw error
        }
        return Running(core: core, loops: loops, watchdog: watchdog, port: sockets[0].port)
    }

    /// Reads the TLS files again and uses them for new connections; open ones keep what they have.
    ///
    /// - Throws: ``HTTPServerError/tls(path:message:)``; the old files stay in use then.
    package func reloadTLS() throws(HTTPServerError) {
        guard let files = configuration.tls else { return }
        let identity = try TLSIdentity(files)
        state.withLock { state in
            if case .running(let running) = state { running.core.tls?.replace(with: identity) }
        }
    }

    /// Refuses new connections, lets running requests finish for at most `drain`, then closes everything.
    ///
    /// Event streams and parked answers end at once. A handler that still runs a second after `drain` keeps the sockets' thread alive until
    /// the process ends, for the library cannot be stopped under it.
    ///
    /// - Returns: Whether every request finished by itself.
    @discardableResult
    package func stop(drain: Duration = .seconds(10)) -> Bool {
        let running = state.withLock { state -> Running? in
            guard case .running(let running) = state else { return nil }
            state = .stopped
            return running
        }
        guard let running else { return true }
        let core = running.core
        core.isDraining = true
        for loop in running.loops { loop.quiesce() }
        let isDrained = waitForRequests(of: core, until: .now + drain)
        for connection in core.connections { connection.cut() }
        guard isDrained || waitForRequests(of: core, until: .now + .seconds(1)) else {
            // Kept for ever on purpose: the library still holds pointers to these objects.
            _ = Unmanaged.passRetained(LeftRunning(running.loops))
            return false
        }
        for loop in running.loops { loop.stop() }
        running.watchdog.stop()
        core.workers.stop()
        core.drainer.stop()
        return isDrained
    }

    private func waitForRequests(of core: ServerCore, until deadline: ContinuousClock.Instant) -> Bool {
        while true {
            for connection in core.connections {
                connection.endWaiting()
                connection.cutIfIdle()
            }
            if core.requestsInFlight.load(ordering: .acquiring) == 0 { return true }
            if ContinuousClock.now >= deadline { return false }
            usleep(5_000)
        }
    }

    /// Objects a thread that could not be stopped still uses.
    private final class LeftRunning {
        let loops: [EventLoop]

        init(_ loops: [EventLoop]) {
            self.loops = loops
        }
    }
}
