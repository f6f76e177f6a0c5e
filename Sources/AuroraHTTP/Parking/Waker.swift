import Synchronization

/// Why a parked request goes on.
package enum WakeReason: Hashable, Sendable {
    /// What it waited for is there, or has taken too long.
    case ready
    /// The server is stopping: there is no more time.
    case stopping
}

/// Ends the wait of one parked request, once, from any thread.
package final class Waker: Sendable {
    private enum State {
        case asleep((@Sendable (WakeReason) -> Void)?)
        case awake(WakeReason)
        case over
    }

    private let state = Mutex(State.asleep(nil))

    /// Makes one that nobody has used yet.
    package init() {}

    /// Lets the request go on; later calls do nothing.
    ///
    /// Never blocks.
    package func wake() {
        wake(.ready)
    }

    func wake(_ reason: WakeReason) {
        let action = state.withLock { state -> (@Sendable (WakeReason) -> Void)? in
            switch state {
            case .asleep(let action?):
                state = .over
                return action
            case .asleep(nil):
                state = .awake(reason)
                return nil
            case .awake, .over:
                return nil
            }
        }
        action?(reason)
    }

    /// Runs `action` on the thread that wakes, or now when that has happened.
    func onWake(_ action: @escaping @Sendable (WakeReason) -> Void) {
        let reason = state.withLock { state -> WakeReason? in
            switch state {
            case .awake(let reason):
                state = .over
                return reason
            case .asleep:
                state = .asleep(action)
                return nil
            case .over:
                return nil
            }
        }
        if let reason { action(reason) }
    }
}
