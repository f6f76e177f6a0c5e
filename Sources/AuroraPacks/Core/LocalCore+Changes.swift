import AuroraModel
import AuroraRuntime
import AuroraSystem
import Glibc

/// Changes of the active set, and what is left of one that was interrupted.
extension LocalCore {
    /// Gives one connection the right to change the set.
    func beginChange() throws(CoreProblem) {
        try demandStarted()
        let isFree = facts.withLock { facts in
            guard facts.phase == .quiet else { return false }
            facts.phase = .changing
            return true
        }
        guard isFree else {
            throw CoreProblem(code: "busy", "another change of this device is under way", remedy: "wait for its end")
        }
    }

    /// The change is over: what is active now runs.
    func endChange() throws {
        enter(.quiet)
        try hands(.change).refresh()
        try startWanted(.change)
    }

    /// Whoever changed the set is gone: the core brings it to an end itself.
    func changerVanished() {
        defer { enter(.quiet) }
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
    /// - Returns: false when `wait` gave up.
    func recoverFirst(patience: Duration, wait: () -> Bool) throws -> Bool {
        let deadline = ContinuousClock.now + patience
        var hasSaid = false
        while true {
            do {
                try recover()
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

    /// A tenth of a second, which is what ``begin(patience:wait:)`` waits between two looks unless told otherwise.
    package static func pauseShortly() -> Bool {
        usleep(100_000)
        return true
    }

    private func recover() throws {
        if let done = try packs.recover(through: hands(.change)) { board.post(.note("an interrupted change: \(done)")) }
    }
}
