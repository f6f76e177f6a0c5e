/// A span of time that can be waited for: zero to a hundred years, in whole nanoseconds.
package struct Span: Hashable, Sendable, Comparable {
    /// 0 … a hundred years.
    package let nanoseconds: Int64

    /// A hundred years of 365 days.
    package static let longest: Int64 = 100 * 365 * 86400 * 1_000_000_000

    /// Checks a duration of the program's own.
    /// - Throws: ``SchedulerError/badDuration(_:reason:)`` for a negative one and for one above a hundred years.
    package init(_ duration: Duration) throws(SchedulerError) {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { throw .badDuration("\(duration)", reason: "it is negative") }
        guard seconds <= Self.longest / 1_000_000_000 else {
            throw .badDuration("\(duration)", reason: "it is too long")
        }
        nanoseconds = min(Self.longest, seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    /// Checks a number of seconds that came from outside; fractions are kept to the nanosecond.
    /// - Throws: ``SchedulerError/badDuration(_:reason:)`` for what is not a number, negative, or above a hundred years.
    package init(seconds: Double) throws(SchedulerError) {
        guard !seconds.isNaN else { throw .badDuration("\(seconds)", reason: "it is not a number") }
        guard seconds >= 0 else { throw .badDuration("\(seconds) s", reason: "it is negative") }
        let scaled = (seconds * 1_000_000_000).rounded()
        guard scaled <= Double(Self.longest) else { throw .badDuration("\(seconds) s", reason: "it is too long") }
        nanoseconds = Int64(scaled)
    }

    /// Takes what was checked before; clipped into range.
    init(clipping nanoseconds: Int64) { self.nanoseconds = min(Self.longest, max(0, nanoseconds)) }

    package static func < (left: Span, right: Span) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Whole milliseconds, rounded down.
    package var milliseconds: Int64 { nanoseconds / 1_000_000 }
}
