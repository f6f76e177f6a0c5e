package import AuroraSystem
import Synchronization

/// Keeps services running: carries out what ``Supervision`` decides.
///
/// Safe from any thread; nothing here blocks but ``wait(timeout:until:)``, ``health(of:)`` and ``end(timeout:)``. Every
/// service runs in a room that dies with this process, so nothing outlives it.
package final class Supervisor: Sendable {
    struct State {
        var supervision: Supervision
        var definitions: [String: ServiceDefinition] = [:]
        var attempts: [String: Attempt] = [:]
        /// Changes so far; waiters and the clock's thread look again when it grows.
        var changes: UInt64 = 0
        var isEnding = false
        var isOver = false
    }

    /// Where output goes.
    package let logs: LogWriter
    let runner: any ConfinedRunner
    let clock: SupervisorClock
    let state: Monitor<State>
    private let runFolder: String
    let hooks: Hooks
    private let turnCount = Atomic<UInt64>(0)
    /// The longest pause between two turns of the clock's thread.
    private let longestPause: Duration

    /// What whoever owns the services adds.
    package struct Hooks: Sendable {
        /// Gives the room of a service as it is to be now, each time before it is opened; may block.
        package var prepare: @Sendable (Confinement) throws -> Confinement = { $0 }
        /// Told of every change of a state; must not block and must not call back.
        package var onChange: @Sendable (String, ServiceTransition) -> Void = { _, _ in }
        /// Told that a service's room was opened; must not block.
        package var onRoom: @Sendable (String) -> Void = { _ in }

        /// None.
        package init() {}
    }

    /// A supervisor without services.
    ///
    /// - Parameters:
    ///   - runFolder: a folder of this process's own (mode 0700) for notify sockets.
    ///   - seed: of the random part of delays.
    ///   - longestPause: how often ``turns`` grows at least.
    package init(
        runner: any ConfinedRunner, logs: LogWriter, runFolder: String, clock: SupervisorClock = .system,
        seed: UInt64, hooks: Hooks = Hooks(), longestPause: Duration = .seconds(5)
    ) throws(SystemError) {
        self.runner = runner
        self.logs = logs
        self.runFolder = runFolder
        self.clock = clock
        self.hooks = hooks
        self.longestPause = longestPause
        state = Monitor(State(supervision: Supervision(seed: seed)))
        let thread = ServiceThread(name: "pack-clock", stackSize: 256 << 10) { [self] in passTime() }
        guard let thread else { throw .noThread(for: "pack-clock") }
        thread.leave()
    }

    // MARK: What shall run

    /// Makes these the services: those that are missing are stopped, new ones wait for a start, and a changed one follows
    /// its new definition from its next start on.
    package func replace(_ definitions: [ServiceDefinition], cause: ServiceCause) throws(SupervisorError) {
        try change { state, now throws(SupervisorError) in
            let effects = try state.supervision.replace(definitions.map(\.member), cause: cause, at: now)
            // What left the set keeps its room until it has ended, and has nothing that could be run any more.
            state.definitions = Dictionary(definitions.map { ($0.id, $0) }) { $1 }
            return effects
        }
    }

    /// Starts these and what they need.
    package func start(_ ids: [String], cause: ServiceCause) throws(SupervisorError) {
        try change { state, now throws(SupervisorError) in
            if state.isEnding { throw .ended }
            try state.demand(ids)
            return state.supervision.start(ids, cause: cause, at: now)
        }
    }

    /// Stops these, and before them what needs them if asked.
    package func stop(_ ids: [String], withDependants: Bool, cause: ServiceCause) throws(SupervisorError) {
        try change { state, now throws(SupervisorError) in
            try state.demand(ids)
            return state.supervision.stop(ids, withDependants: withDependants, cause: cause, at: now)
        }
    }

    /// Ends an attempt, for a reason that its room must not stay open; nothing happens where that is over by now.
    ///
    /// It counts as a failure like any other: it is tried again, and refused again as long as the reason stands.
    package func refuse(_ open: OpenService, because reason: String) {
        change { state, now in
            state.supervision.report(open.id, attempt: open.attempt, .refused(reason), at: now)
        }
    }

    /// Stops everything in the reverse of the start order and ends.
    ///
    /// - Returns: whether all rooms were closed within `timeout`.
    package func end(timeout: Duration) -> Bool {
        change { state, now in
            state.isEnding = true
            let all = state.supervision.members
            return state.supervision.stop(all, withDependants: true, cause: .supervisor, at: now)
        }
        let isQuiet = state.wait(timeout: timeout) { $0.supervision.isQuiet ? true : nil } ?? false
        state.change(wakingAll: true) { $0.isOver = true }
        return isQuiet
    }

    // MARK: Doing it

    /// Decides and carries out, in one step: no effect of a later decision comes before one of an earlier.
    private func change<E: Error>(
        _ decide: (inout State, Duration) throws(E) -> [Supervision.Effect]
    ) throws(E) {
        let result: Result<Void, E> = state.withLock { state in
            do throws(E) {
                carryOut(try decide(&state, clock.now()), &state)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        state.change(wakingAll: true) { $0.changes += 1 }
        try result.get()
    }

    /// Nothing here blocks or takes the lock that is held.
    private func carryOut(_ effects: [Supervision.Effect], _ state: inout State) {
        for effect in effects {
            switch effect.action {
            case .begin(let attempt): begin(effect.id, attempt, &state)
            case .end(_, let orderly): state.attempts[effect.id]?.end(orderly: orderly)
            case .keepCrash(_, let cause): logs.log(of: effect.id).keepCrash(cause)
            case .changed(let change):
                logs.log(of: effect.id).note(change)
                hooks.onChange(effect.id, change)
            }
        }
    }

    private func begin(_ id: String, _ number: Int, _ state: inout State) {
        guard let definition = state.definitions[id] else { return }
        let log = logs.log(of: id)
        log.begin(attempt: number)
        if let refusal = definition.refusal { return refuse(id, number, refusal, &state) }
        do throws(SystemError) {
            state.attempts[id] = try Attempt(
                definition, runner: runner, log: log, notifyPath: "\(runFolder)/\(id).notify",
                prepare: hooks.prepare, onRoom: { [hooks] in hooks.onRoom(id) },
                report: { [weak self] in self?.take($0, of: id, attempt: number) })
        } catch {
            refuse(id, number, "\(error)", &state)
        }
    }

    /// Ends an attempt for which no room was opened.
    private func refuse(_ id: String, _ number: Int, _ reason: String, _ state: inout State) {
        let now = clock.now()
        carryOut(state.supervision.report(id, attempt: number, .refused(reason), at: now), &state)
        carryOut(state.supervision.report(id, attempt: number, .ended(survivors: 0), at: now), &state)
    }

    private func take(_ report: ServiceMachine.Report, of id: String, attempt: Int) {
        change { state, now in
            if case .ended = report { state.attempts[id] = nil }
            return state.supervision.report(id, attempt: attempt, report, at: now)
        }
    }

    /// How often the supervisor has looked at its services; stands still when it cannot any more, and takes no lock.
    package var turns: UInt64 { turnCount.load(ordering: .relaxed) }

    /// Tells the machines the time whenever one of them has a deadline.
    private func passTime() {
        var seen: UInt64 = 0
        while true {
            let (pause, isOver): (Duration?, Bool) = state.withLock { state in
                let now = clock.now()
                if let deadline = state.supervision.deadline, deadline <= now {
                    carryOut(state.supervision.passTime(to: now), &state)
                    state.changes += 1
                }
                seen = state.changes
                return (state.supervision.deadline.map { max(.zero, $0 - now) }, state.isOver)
            }
            if isOver { return }
            turnCount.add(1, ordering: .relaxed)
            state.change(wakingAll: true) { _ in }
            _ = state.wait(timeout: min(pause ?? longestPause, longestPause)) {
                $0.changes != seen || $0.isOver ? true : nil
            }
        }
    }
}

extension Supervisor.State {
    fileprivate func demand(_ ids: [String]) throws(SupervisorError) {
        let known = Set(supervision.members)
        for id in ids where !known.contains(id) { throw .unknown(id) }
    }
}
