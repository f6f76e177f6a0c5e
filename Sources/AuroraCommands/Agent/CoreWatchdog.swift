import AuroraSystem

/// Tells the service manager that the core lives, for as long as its supervisor does.
///
/// One that has got stuck looks after no pack any more: the manager then kills the core and starts it again.
struct CoreWatchdog {
    /// The supervisor's turns at the last look.
    private var seen: UInt64 = 0
    private let tell: (String) -> Void

    init(tell: @escaping (String) -> Void = { ServiceManager.notify($0) }) { self.tell = tell }

    /// Pings if the supervisor has turned since the last look.
    mutating func look(turns: UInt64) {
        if turns != seen { tell("WATCHDOG=1") }
        seen = turns
    }
}
