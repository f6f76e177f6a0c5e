import AuroraModel
import Synchronization

/// What kept approved suggestions from starting by themselves, so that the timer neither logs the same thing nor reads
/// the same artifact again and again.
///
/// In memory only: after a start of the hub each of them is tried and logged once more. Thread-safe.
final class RefusedStarts: Sendable {
    private struct Refused {
        var words: String
        /// Before the next attempt, in milliseconds.
        var pause: Int64
        var due: Int64
    }

    /// The pause after the first refusal; it doubles with every further one.
    static let firstPause: Int64 = 30_000
    static let longestPause: Int64 = 15 * 60_000

    private let refused = Mutex<[SuggestionID: Refused]>([:])

    /// Whether the timer should try this one now.
    func isDue(_ id: SuggestionID, at now: Int64) -> Bool {
        refused.withLock { ($0[id]?.due).map { $0 <= now } ?? true }
    }

    /// Notes an attempt that came to nothing.
    ///
    /// - Parameter words: Why; a code, or an error's words.
    /// - Returns: whether that is news, and to be told.
    func note(_ id: SuggestionID, _ words: String, at now: Int64) -> Bool {
        refused.withLock { all in
            let before = all[id]
            let pause = min(before.map { $0.pause * 2 } ?? Self.firstPause, Self.longestPause)
            all[id] = Refused(words: words, pause: pause, due: now + pause)
            return before?.words != words
        }
    }

    /// Forgets all others, which were closed meanwhile, started, or wait for something else.
    func keep(only open: some Sequence<SuggestionID>) {
        let open = Set(open)
        refused.withLock { all in all = all.filter { open.contains($0.key) } }
    }
}
