import AuroraModel
import AuroraSystem

/// Follows a change until it ends, the time is over or somebody presses Ctrl-C; the change itself goes on regardless.
struct ChangeWatcher {
    let hub: HubClient
    let console: Console
    /// Seconds until the watch gives up.
    let patience: Int

    /// Follows the change `id` and returns its last state.
    func watch(_ id: String) throws -> JSONValue {
        // Ctrl-C must not kill the program in the middle of a line: it is read between two looks instead.
        let interrupts = try Interrupts()
        let progress = Progress(id, on: console)
        let deadline = ContinuousClock.now + .seconds(patience)
        while true {
            let change = try look(id)
            show(change, on: progress)
            if Self.isOver(change) { return change }
            if try interrupts.arrived() {
                throw CommandError(
                    "detached; \(id) goes on", remedy: "aurora change watch \(id)", code: "interrupted",
                    exit: .interrupted)
            }
            if ContinuousClock.now >= deadline {
                throw CommandError(
                    "\(id) is still running after \(patience) s", remedy: "aurora change watch \(id)",
                    code: "still_running", exit: .stillRunning)
            }
        }
    }

    /// One look; the hub holds the answer back for a moment unless the change has ended.
    private func look(_ id: String) throws -> JSONValue {
        try hub.get("/api/v1/changes" + URLText.path(id), wait: 1)
    }

    private func show(_ change: JSONValue, on progress: Progress) {
        let running = change.list("tasks").first { $0.text("state") == "running" }
        let step = running.map { [$0.text("name"), $0.text("detail")].filter { !$0.isEmpty }.joined(separator: ": ") }
        let amount = change["progress"]
        progress.update(
            done: amount?["done"]?.integer ?? 0, total: amount?["total"]?.integer ?? 0,
            step: step ?? change.text("state"))
    }

    /// Whether the change will not move any more.
    static func isOver(_ change: JSONValue) -> Bool {
        !["queued", "running"].contains(change.text("state"))
    }

    /// How a command ends that was to see the change through.
    static func exit(_ change: JSONValue) -> ExitCode {
        switch change.text("state") {
        case "done": .success
        case "rolled-back": .rolledBack
        case "interrupted": .halted
        case "aborted": .failure
        default:
            change["error"].map { HubProblem.exit(status: 0, code: $0.text("code")) } ?? .failure
        }
    }
}

/// Ctrl-C as a question instead of an end, for as long as this lives.
struct Interrupts {
    init() throws { Signals.block([2]) }

    /// Whether Ctrl-C was pressed since the last look, or is pressed within the time given.
    func arrived(within time: Duration = .zero) throws -> Bool {
        try Signals.wait(for: [2], timeout: time) != nil
    }
}
