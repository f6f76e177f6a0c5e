import AuroraSandbox
import AuroraSystem

/// How services stand.
extension Supervisor {
    /// All services, in the order of their start.
    package var status: [ServiceStatus] {
        let (rows, attempts) = state.withLock { state in
            (state.rows(at: clock.now()), state.attempts)
        }
        return rows.map { row in
            ServiceStatus(
                row, processes: attempts[row.id]?.members ?? [],
                waivers: attempts[row.id]?.room?.definition.room.waivers ?? [:],
                droppedBytes: logs.log(of: row.id).droppedBytes,
                logTrouble: logs.trouble(of: row.id))
        }
    }

    /// What these services, or all, hold of the device; one that is none any more is STOPPED and holds nothing.
    package func runtime(of ids: Set<String>? = nil) -> [ServiceRuntime] {
        let (states, definitions, attempts) = state.withLock { state in
            let members = Set(state.supervision.members)
            return (
                state.supervision.machines.mapValues(\.state), state.definitions.filter { members.contains($0.key) },
                state.attempts
            )
        }
        return (ids ?? Set(definitions.keys)).sorted().map { id in
            let open = attempts[id]?.room
            return ServiceRuntime(
                id: id, state: states[id] ?? .stopped, definition: definitions[id].map { open?.definition ?? $0 },
                cgroup: open?.room.cgroup)
        }
    }

    /// The services whose rooms are open, by their names.
    package var openServices: [OpenService] {
        state.withLock { state in
            state.attempts.compactMap { id, attempt in
                guard let opened = attempt.room?.definition.room, let machine = state.supervision.machines[id] else {
                    return nil
                }
                // What left the set, or changes its version, is on its way out: it is judged as it was opened.
                let defined = state.definitions[id]?.room
                return OpenService(
                    id: id, attempt: machine.attempt, opened: opened,
                    defined: defined?.code == opened.code ? defined ?? opened : opened)
            }
        }.sorted { $0.id < $1.id }
    }

    /// The states alone, which costs next to nothing.
    package var states: [String: ServiceState] { state.withLock { $0.supervision.machines.mapValues(\.state) } }

    /// Who needs whom, as it is now.
    package var supervision: Supervision { state.withLock { $0.supervision } }

    /// How long ``end(timeout:)`` takes at most by the stop and kill times of what runs now, one after the other where
    /// they need each other.
    ///
    /// - Parameter slack: what each takes beyond its own times, for a start or a probe that has to be ended first.
    package func longestStop(slack: Duration) -> Duration {
        state.withLock { state in state.supervision.longestStop(state.attempts.mapValues { $0.stopTime + slack }) }
    }

    /// Waits until the states are as wanted.
    ///
    /// - Parameter isWanted: is called with a lock held and must only look.
    /// - Returns: whether they were within `timeout`.
    package func wait(timeout: Duration, until isWanted: ([String: ServiceState]) -> Bool) -> Bool {
        state.wait(timeout: timeout) { isWanted($0.supervision.machines.mapValues(\.state)) ? true : nil } ?? false
    }

    /// Waits until each of these works, has failed, or is held back by something that has failed.
    ///
    /// - Returns: whether that was within `timeout`.
    @discardableResult
    package func waitUntilSettled(_ ids: [String], timeout: Duration) -> Bool {
        state.wait(timeout: timeout) { state in ids.allSatisfy { state.supervision.isSettled($0) } ? true : nil }
            ?? false
    }

    /// Waits until nothing of these runs.
    ///
    /// - Returns: whether that was within `timeout`.
    @discardableResult
    package func waitUntilStopped(_ ids: [String], timeout: Duration) -> Bool {
        state.wait(timeout: timeout) { state in ids.allSatisfy { state.supervision.isStopped($0) } ? true : nil }
            ?? false
    }

    /// Runs the health command now: in the service's room when it runs, in a room of its own otherwise.
    package func health(of id: String) throws -> ProbeAnswer {
        if let answer = try healthInside(of: id) { return answer }
        guard let definition = state.withLock({ $0.definitions[id] }) else { throw SupervisorError.unknown(id) }
        if let refusal = definition.refusal {
            return ProbeAnswer(passed: false, detail: String(refusal.prefix(500)), output: [], duration: .zero)
        }
        var options = ConfinedRun(timeout: definition.healthTimeout)
        options.outputLimit = ProbeRunner.outputLimit
        return ProbeAnswer(result: try runner.run(definition.health, in: hooks.prepare(definition.room), options))
    }

    /// Runs the health command of a service that runs, in its room; nil when it does not run.
    package func healthInside(of id: String) throws(SupervisorError) -> ProbeAnswer? {
        let (definition, attempt) = state.withLock { ($0.definitions[id], $0.attempts[id]) }
        guard definition != nil else { throw .unknown(id) }
        return attempt?.askHealth()
    }
}

extension Supervisor.State {
    fileprivate func rows(at now: Duration) -> [ServiceRow] {
        supervision.members.compactMap { id in
            guard let machine = supervision.machines[id] else { return nil }
            return ServiceRow(
                id: id, version: definitions[id]?.version ?? "", machine: machine, waitsFor: supervision.waits(id),
                now: now)
        }
    }
}

/// What the supervisor itself knows about one service.
private struct ServiceRow {
    let id: String
    let version: String
    let machine: ServiceMachine
    let waitsFor: [String]
    let now: Duration
}

extension ServiceStatus {
    fileprivate init(
        _ row: ServiceRow, processes: [RoomMember], waivers: [SandboxLayer: String], droppedBytes: Int,
        logTrouble: String?
    ) {
        self.init(
            id: row.id, version: row.version, state: row.machine.state, cause: row.machine.cause,
            age: row.now - row.machine.since, attempt: row.machine.attempt, failures: row.machine.failures,
            retryIn: row.machine.retryAt.map { max(.zero, $0 - row.now) }, waitsFor: row.waitsFor,
            processes: processes, droppedBytes: droppedBytes, logTrouble: logTrouble, isDone: row.machine.isDone,
            waivers: waivers)
    }
}
