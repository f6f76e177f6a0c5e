/// What is known about the room of the present attempt.
struct OpenAttempt: Hashable, Sendable {
    /// When the start command ended well.
    var startedAt: Duration?
    /// Nothing runs any more and nothing needs to.
    var isDone = false
    var isNotified = false
    var startupPassed = false
    var lastPing: Duration?
    /// When it last became ready.
    var readySince: Duration = .zero
    /// What the last probe said.
    var lastDetail = ""
    /// It was told to end; nothing but its end is of interest.
    var isEnding = false

    /// Whether everything it must show has been shown.
    func isReady(_ settings: ServiceSettings, at now: Duration) -> Bool {
        guard let startedAt, now >= settled(startedAt, settings) else { return false }
        return hasShown(settings)
    }

    private func hasShown(_ settings: ServiceSettings) -> Bool {
        (settings.readiness == .none || isNotified) && (!settings.hasStartupProbe || startupPassed)
    }

    /// What is done has nothing left that could die.
    private func settled(_ startedAt: Duration, _ settings: ServiceSettings) -> Duration {
        isDone ? startedAt : startedAt + settings.settleTime
    }

    /// When a start is to be judged again; nil while the start command runs, which has a limit of its own.
    func deadline(_ settings: ServiceSettings) -> Duration? {
        guard let startedAt else { return nil }
        let limit = startedAt + settings.readyTimeout
        return hasShown(settings) ? min(settled(startedAt, settings), limit) : limit
    }

    /// When the second ping in a row is missing.
    func watchdogDeadline(_ settings: ServiceSettings) -> Duration? {
        guard let interval = settings.watchdog, let lastPing else { return nil }
        return lastPing + interval * 2
    }
}
