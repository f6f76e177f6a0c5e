import AuroraModel
import AuroraSystem
import Synchronization

/// For each change under way: may it still be stopped? A stop and the point of no return cannot both win.
///
/// For a promote that point is the switch, for a stage the publishing of its tree, for a trial its end.
final class ChangeLatches: Sendable {
    /// Who stopped a change and why; thrown where the change would have gone on.
    struct Stopped: Error, Hashable {
        let actor: Actor
        let reason: String

        /// For people.
        var words: String { "\(actor.name): \(reason)" }

        /// What a request that waits for the change is told.
        func refusal(subject: String) -> Refusal {
            Refusal(
                .conflict, code: "aborted", "The change was stopped by \(words).", subject: subject,
                remedy: "begin it again, or ask who stopped it")
        }
    }

    private enum Latch {
        case open(StopSignal?)
        case closed
        case stopped(Stopped)
    }

    private let latches = Mutex<[ChangeID: Latch]>([:])

    /// A change has begun and can be stopped.
    ///
    /// - Parameter signal: Ends the child that is at work for the change.
    func open(_ id: ChangeID, signal: StopSignal? = nil) { latches.withLock { $0[id] = .open(signal) } }

    /// A change has ended.
    func remove(_ id: ChangeID) { latches.withLock { $0[id] = nil } }

    /// Stops a change; false when it is too late or there is no such change.
    func stop(_ id: ChangeID, _ stop: Stopped) -> Bool {
        latches.withLock { latches in
            guard case .open(let signal)? = latches[id] else { return false }
            latches[id] = .stopped(stop)
            signal?.raise()
            return true
        }
    }

    /// Goes on only if nobody has stopped the change.
    func check(_ id: ChangeID) throws {
        if let stop = stopped(id) { throw stop }
    }

    /// From now on the change cannot be stopped.
    ///
    /// - Throws: `Stopped` when it was.
    func close(_ id: ChangeID) throws {
        try latches.withLock { latches in
            if case .stopped(let stop)? = latches[id] { throw stop }
            latches[id] = .closed
        }
    }

    /// Who stopped the change; nil when nobody did.
    func stopped(_ id: ChangeID) -> Stopped? {
        latches.withLock { latches in
            if case .stopped(let stop)? = latches[id] { stop } else { nil }
        }
    }
}
