import AuroraModel
import AuroraRuntime
import AuroraSystem
import Glibc

/// Changes of the active set, and what is left of one that was interrupted.
extension LocalCore {
    /// Does something that needs the set to stay as it is: reading it and starting or stopping packs by it.
    ///
    /// A change begins when it has ended. It should be short, and must not wait for packs.
    func working<Result>(_ body: () throws -> Result) throws -> Result {
        guard beginWork() else { throw busy }
        defer { endWork() }
        return try body()
    }

    /// Whether the set stays as it is until ``endWork()``.
    func beginWork() -> Bool {
        facts.withLock { facts in
            guard facts.phase == .quiet else { return false }
            facts.workers += 1
            return true
        }
    }

    func endWork() { facts.change(wakingAll: true) { $0.workers -= 1 } }

    /// Gives one connection the right to change the set.
    func beginChange() throws(CoreProblem) {
        try demandStarted()
        var isFree = false
        facts.change(wakingAll: true) { facts in
            isFree = facts.phase == .quiet
            if isFree { facts.phase = .changing }
        }
        guard isFree else {
            throw CoreProblem(code: "busy", "another change of this device is under way", remedy: "wait for its end")
        }
        // No new work begins now; what has begun ends before anything is changed.
        guard facts.wait(timeout: .seconds(50), { $0.workers == 0 ? true : nil }) != nil else {
            enter(.quiet)
            throw CoreProblem(
                code: "busy", "another client of the core starts packs or asks for their health",
                remedy: "wait for its end")
        }
        do {
            try readConfiguration()
        } catch {
            enter(.quiet)
            throw CoreProblem(
                code: "device_configuration", "the core cannot read device.yaml: \(error)", remedy: "correct it")
        }
    }

    private var busy: CoreProblem {
        let word = startWord(facts.withLock { $0.phase }) ?? "the device's packs are being changed"
        return CoreProblem(code: "busy", word, remedy: "wait for the end of the change")
    }

    /// The change is over: what is active now runs.
    func endChange() throws {
        // Only then may the next one begin.
        defer { rest() }
        try hands(.change).refresh()
        try startWanted(.change)
    }

    /// Whoever changed the set is gone: the core brings it to an end itself.
    func changerVanished() {
        defer { rest() }
        guard !isEnding else { return }
        board.post(.note("a change was left in the middle; it is finished or undone now"))
        // Whoever vanished may hold the device's lock for a moment longer than its connection, and another command for
        // as long as it stages. Nothing else may change the device before this is finished, so it is not given up.
        var tries = 0
        while !isEnding {
            do {
                try recover()
                try hands(.change).refresh()
                return try startWanted(.change)
            } catch {
                tries += 1
                if tries == 100 { board.post(.trouble("the interrupted change is not finished yet: \(error)")) }
                usleep(tries < 100 ? 100_000 : 1_000_000)
            }
        }
    }

    /// Finishes an interrupted change before anything runs, behind another program that is changing the device.
    ///
    /// - Returns: false when `wait` gave up, or `isStopped` said so.
    func recoverFirst(patience: Duration, wait: () -> Bool, isStopped: () -> Bool) throws -> Bool {
        let deadline = ContinuousClock.now + patience
        var hasSaid = false
        while true {
            do {
                guard try recover(unless: isStopped) else { return false }
                enter(.starting)
                return true
            } catch let refusal as Refusal where refusal.code == "device_busy" {
                guard ContinuousClock.now < deadline else { throw refusal }
                if !hasSaid {
                    board.post(
                        .note(
                            "another command is changing this device; the packs are started when it has ended, "
                                + "or this gives up after \(patience.components.seconds) seconds"))
                }
                hasSaid = true
                enter(.waiting)
                guard wait() else { return false }
            }
        }
    }

    /// A tenth of a second, which is what ``begin(patience:wait:isStopped:)`` waits between two looks unless told otherwise.
    package static func pauseShortly() -> Bool {
        usleep(100_000)
        return true
    }

    private func recover() throws {
        let hands = PatientHands(hands: hands(.change), core: self)
        if let done = try packs.recover(through: hands) { board.post(.note("an interrupted change: \(done)")) }
    }

    /// Recovers on a thread of its own, because a stop need not wait for packs to be judged.
    ///
    /// - Returns: false when it was stopped; the change stays open then, as after a kill, for the next core.
    private func recover(unless isStopped: () -> Bool) throws -> Bool {
        let end = Monitor<Result<Void, any Error>?>(nil)
        let thread = ServiceThread(name: "core-recovery", stackSize: 8 << 20) { [self] in
            let result = Result { try recover() }
            end.change(wakingAll: true) { $0 = result }
        }
        guard let thread else { throw SystemError.noThread(for: "core-recovery") }
        thread.leave()
        while true {
            if let result = end.wait(timeout: .milliseconds(100), { $0 }) {
                try result.get()
                return true
            }
            guard !isStopped() else {
                facts.change(wakingAll: true) { $0.isEnding = true }
                return false
            }
        }
    }
}

/// The core's hands for an interrupted change: once the core ends they give no answer any more.
///
/// Packs that end with the core would be taken for bad ones, and the change for one that failed.
private struct PatientHands: PackControl {
    let hands: CoreHands
    let core: LocalCore

    func status() throws -> [PackStatus] { try answer { hands.status() } }

    func start(_ ids: [PackID], wait: Duration) throws -> [PackStatus] {
        try answer { try hands.start(ids, wait: wait) }
    }

    func stop(_ ids: [PackID], withDependants: Bool, wait: Duration) throws -> [PackStatus] {
        try answer { try hands.stop(ids, withDependants: withDependants, wait: wait) }
    }

    func health(_ id: PackID) throws -> PackHealth { try answer { try hands.health(id) } }

    private func answer<Result>(_ ask: () throws -> Result) throws -> Result {
        let answer = Swift.Result { try ask() }
        // The process is about to exit, and this thread with it.
        while core.isEnding { pause() }
        return try answer.get()
    }
}
