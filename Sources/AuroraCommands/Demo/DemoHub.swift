import AuroraModel
import AuroraSystem
import Synchronization

/// The hub of the demo: a child process of this very program, spoken to over HTTP only.
final class DemoHub: Sendable {
    let base: String
    private let updater: ReservedPort
    private let places: DemoPlaces
    private let invocation: Invocation
    private let dashboard: ReservedPort
    private let signals: DemoSignals
    private let child = Mutex<ChildProcess?>(nil)

    /// The port for artifact uploads and updaters.
    var updaterPort: UInt16 { updater.number }

    init(
        places: DemoPlaces, invocation: Invocation, signals: DemoSignals, updater: ReservedPort, dashboard: ReservedPort
    ) {
        self.places = places
        self.signals = signals
        self.invocation = invocation
        self.updater = updater
        self.dashboard = dashboard
        base = "http://localhost:\(dashboard.number)"
    }

    /// A client without credentials; each of its requests is a moment at which the demo may be ended.
    func anonymous() throws -> HubClient {
        let (transport, signals) = (try invocation.transport(), signals)
        return HubClient(base: base, token: nil) { base, request in
            try signals.check()
            return try transport(base, request)
        }
    }

    /// Starts the hub and waits until it answers.
    func start() throws {
        let log = try Descriptor.open(places.hubLog, [.writeOnly, .create, .append])
        let output = try Descriptor.open(places.hubOutput, [.writeOnly, .create, .append])
        let started = try ChildProcess.start(
            ProcessSpec(
                executable: invocation.surroundings.executable,
                arguments: [
                    "hub", "start", "--state", places.state, "--config", places.configuration, "--updater-port",
                    String(updaterPort), "--dashboard-port", String(dashboard.number), "--log-format", "json",
                ],
                environment: invocation.surroundings.environment),
            output: .descriptor(output.rawValue), errorOutput: .descriptor(log.rawValue))
        child.withLock { $0 = started }
        try waitUntilReady(started)
    }

    private func waitUntilReady(_ started: ChildProcess) throws {
        let hub = try anonymous()
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            try signals.check()
            if let health = try? hub.get("/healthz"), health["ready"]?.bool != false { return }
            if let outcome = try started.wait(timeout: .milliseconds(10)) {
                throw CommandError("the hub did not start: \(outcome)", cause: lastWords, code: "demo_failed")
            }
        }
        throw CommandError("the hub did not get ready in 30 s", cause: lastWords, code: "demo_failed")
    }

    /// The last lines of the hub's log.
    private var lastWords: String {
        let bytes = (try? LocalFile.read(places.hubLog, what: "log")) ?? []
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").suffix(3).joined(separator: " / ")
    }

    /// The code of the one-time login link that the first start prints once it listens.
    func firstCode() throws -> String {
        let deadline = ContinuousClock.now + .seconds(5)
        while ContinuousClock.now < deadline {
            let printed = String(decoding: try LocalFile.read(places.hubOutput, what: "output"), as: UTF8.self)
            let code = Login.code(in: printed)
            // The whole line is there when its end is.
            if code != printed, printed.hasSuffix("\n") { return code }
            _ = try child.withLock { $0 }?.wait(timeout: .milliseconds(10))
        }
        throw CommandError("the hub printed no login link", cause: lastWords, code: "demo_failed")
    }

    /// SIGKILL, as a crash would.
    func kill() { child.withLock { $0?.kill() } }

    /// Waits for the end of a hub that was killed.
    func waitForEnd() throws {
        let ended = child.withLock { $0 }
        _ = try ended?.wait(timeout: .seconds(10))
        child.withLock { $0 = nil }
    }

    /// SIGTERM, then waits.
    func stop() {
        guard let running = child.withLock({ $0 }) else { return }
        running.send(15)
        if ((try? running.wait(timeout: .seconds(15))) ?? nil) == nil { running.kill() }
        child.withLock { $0 = nil }
    }
}
