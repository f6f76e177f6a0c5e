import AuroraActivation
import AuroraApprovals
import AuroraModel

/// Keeps the change object true while its worker goes on.
///
/// A progress row that cannot be written must not stop an activation half-way, so such errors are dropped here; the end
/// of the change is recorded by `Promoter.record`, whose errors are not.
struct ChangeProgress: Sendable {
    let id: ChangeID
    let changes: ChangeStore

    /// The change leaves the queue.
    func start() { _ = try? changes.update(id) { $0.state = .running } }

    func begin(_ task: String) { set([(task, .running, "")]) }
    func end(_ task: String, _ detail: String = "") { set([(task, .done, detail)]) }

    /// What the engine tells about its steps.
    func phase(_ phase: ActivationPhase) {
        switch phase {
        case .intent: begin("switch")
        // Nothing is done beside the tree of a hub target.
        case .preparing: break
        case .switched: end("switch")
        case .applying: begin("apply")
        case .checking: set([("apply", .done, ""), ("health", .running, "")])
        case .committed: set([("health", .done, ""), ("commit", .done, "")])
        case .rollingBack: set([("commit", .skipped, "going back")])
        case .rolledBack: set([("commit", .skipped, "the generation before is back")])
        case .degraded: set([("commit", .failed, "the generation before is back and not healthy")])
        }
    }

    private func set(_ tasks: [(name: String, state: ChangeTask.State, detail: String)]) {
        _ = try? changes.update(id, event: "task") { change in
            for (name, state, detail) in tasks { change.set(name, state, detail) }
            let done = change.tasks.filter { $0.state == .done }.count
            change.progress = Change.Progress(done: Int64(done), total: Int64(change.tasks.count))
        }
    }
}

extension Change {
    fileprivate mutating func set(_ name: String, _ state: ChangeTask.State, _ detail: String) {
        guard let index = tasks.firstIndex(where: { $0.name == name }) else { return }
        // On the way back apply and health run again; what they said about the new version stays visible.
        if tasks[index].state == .failed { return }
        if name == "commit", state == .skipped {
            for running in tasks.indices where tasks[running].state == .running { tasks[running].state = .failed }
        }
        tasks[index].state = state
        if !detail.isEmpty { tasks[index].detail = detail }
    }

    /// Writes the end into the change.
    mutating func end(_ conclusion: Conclusion, result: JSONValue) {
        state = conclusion.changeState
        errorCode = conclusion.code
        errorMessage = conclusion.reason
        self.result = result
        for index in tasks.indices where tasks[index].state == .running { tasks[index].state = .failed }
        for index in tasks.indices where tasks[index].state == .waiting { tasks[index].state = .skipped }
    }
}
