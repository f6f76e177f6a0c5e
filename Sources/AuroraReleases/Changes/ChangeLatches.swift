import AuroraModel
import AuroraSystem
import Synchronization

/// For each change under way: may it still be stopped? A stop and the point of no return cannot both win.
///
/// For a promote that point is the switch, for a stage the publishing of its tree, for a trial its end.
final class ChangeLatches: Sendable {
    /// What ended a change before its work was done; thrown where the change would have gone on.
    struct Stopped: Error, Hashable {
        let actor: Actor
        let reason: String
        /// Whether it was the end of the hub itself, and nobody's wish about this change.
        let isInterruption: Bool

        init(actor: Actor, reason: String) {
            self.init(actor: actor, reason: reason, isInterruption: false)
        }

        private init(actor: Actor, reason: String, isInterruption: Bool) {
            self.actor = actor
            self.reason = reason
            self.isInterruption = isInterruption
        }

        /// The hub ended, in order or not, before the change did.
        static let byHub = Stopped(actor: .system, reason: "the hub ended before it was done", isInterruption: true)

        /// For people.
        var words: String { isInterruption ? reason : "\(actor.name): \(reason)" }

        /// What a request that waits for the change is told.
        func refusal(of change: Change) -> Refusal {
            guard !isInterruption else { return PromotionRefusals.interrupted(change) }
            return Refusal(
                .conflict, code: "aborted", "The change was stopped by \(words).", subject: change.subject,
                remedy: "begin it again, or ask who stopped it")
        }
    }

    private enum Latch {
        case open(StopSignal?)
        case closed
        case stopped(Stopped)
    }

    private struct State {
        var latches: [ChangeID: Latch] = [:]
        var isInterrupted = false
    }

    private let state = Mutex(State())
    /// Raised when the hub ends: for children that are at work for no change.
    let interruption: StopSignal

    init() throws { interruption = try StopSignal() }

    /// A change has begun and can be stopped.
    ///
    /// - Parameter signal: Ends the child that is at work for the change.
    func open(_ id: ChangeID, signal: StopSignal? = nil) {
        state.withLock { state in
            guard state.isInterrupted, let signal else {
                state.latches[id] = .open(signal)
                return
            }
            state.latches[id] = .stopped(.byHub)
            signal.raise()
        }
    }

    /// A change has ended.
    func remove(_ id: ChangeID) { state.withLock { $0.latches[id] = nil } }

    /// Whether a change can still be stopped.
    func isOpen(_ id: ChangeID) -> Bool {
        state.withLock { state in
            if case .open? = state.latches[id] { true } else { false }
        }
    }

    /// Stops a change; false when it is too late or there is no such change.
    func stop(_ id: ChangeID, _ stop: Stopped) -> Bool {
        state.withLock { state in
            guard case .open(let signal)? = state.latches[id] else { return false }
            state.latches[id] = .stopped(stop)
            signal?.raise()
            return true
        }
    }

    /// Stops every change that has a signal, and those that are opened with one from now on, because the hub ends.
    ///
    /// Changes of targets have none: they are waited for.
    func interrupt() {
        state.withLock { state in
            state.isInterrupted = true
            interruption.raise()
            for (id, latch) in state.latches {
                guard case .open(let signal?) = latch else { continue }
                state.latches[id] = .stopped(.byHub)
                signal.raise()
            }
        }
    }

    /// Whether the hub ends.
    var isInterrupted: Bool { state.withLock { $0.isInterrupted } }

    /// Goes on only if nobody has stopped the change.
    func check(_ id: ChangeID) throws {
        if let stop = stopped(id) { throw stop }
    }

    /// From now on the change cannot be stopped.
    ///
    /// - Throws: `Stopped` when it was.
    func close(_ id: ChangeID) throws {
        try state.withLock { state in
            if case .stopped(let stop)? = state.latches[id] { throw stop }
            state.latches[id] = .closed
        }
    }

    /// Who stopped the change; nil when nobody did.
    func stopped(_ id: ChangeID) -> Stopped? {
        state.withLock { state in
            if case .stopped(let stop)? = state.latches[id] { stop } else { nil }
        }
    }
}
