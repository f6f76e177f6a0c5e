import AuroraModel
import Synchronization

/// For each change under way: may it still be stopped? An abort and the switch cannot both win.
final class SwitchLatches: Sendable {
    /// Who stopped a change and why; thrown where the switch would have come.
    struct Stopped: Error, Hashable {
        let actor: Actor
        let reason: String
    }

    private enum Latch {
        case open
        case closed
        case stopped(Stopped)
    }

    private let latches = Mutex<[ChangeID: Latch]>([:])

    /// A change has begun and can be stopped.
    func open(_ id: ChangeID) { latches.withLock { $0[id] = .open } }

    /// A change has ended.
    func remove(_ id: ChangeID) { latches.withLock { $0[id] = nil } }

    /// Stops a change; false when it is too late or there is no such change.
    func stop(_ id: ChangeID, _ stop: Stopped) -> Bool {
        latches.withLock { latches in
            guard case .open? = latches[id] else { return false }
            latches[id] = .stopped(stop)
            return true
        }
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
}
