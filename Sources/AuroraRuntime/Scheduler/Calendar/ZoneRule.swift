import AuroraModel

/// How a zone goes on after the last change its file lists: the rule at the end of the file.
///
/// Source: POSIX.1-2017 §8.3 `TZ`, with the hours of -167 to 167 that RFC 8536 §3.3.1 adds. Offsets are seconds east of UTC,
/// which is the other way round than POSIX writes them.
struct ZoneRule: Hashable, Sendable {
    /// The day of a year on which the offset changes, and the local second of that day (which may lie on others).
    struct Change: Hashable, Sendable {
        enum Day: Hashable, Sendable {
            /// The `week`th (5 is the last) `weekday` (0 is Sunday) of `month`.
            case weekday(month: Int64, week: Int64, weekday: Int64)
            /// Day 1 to 365; 29 February is never counted.
            case julian(Int64)
            /// Day 0 to 365; 29 February is counted.
            case ordinal(Int64)
        }

        var day: Day
        var second: Int64

        /// Seconds since 1970 in local time, as if it were UTC.
        func local(in year: Int64) -> Int64 { days(in: year) * 86400 + second }

        private func days(in year: Int64) -> Int64 {
            switch day {
            case .ordinal(let number): return Self.firstDay(of: year) + number
            case .julian(let number):
                let isAfterFebruary = CivilDate.length(ofMonth: 2, year: year) == 29 && number >= 60
                return Self.firstDay(of: year) + number - 1 + (isAfterFebruary ? 1 : 0)
            case .weekday(let month, let week, let weekday):
                let first = Self.day(year, month, 1)
                // 1970-01-01 was a Thursday, day 4 of the week.
                let firstWeekday = (first + 4) - (first + 4).flooredDivision(by: 7) * 7
                var date = 1 + (weekday - firstWeekday + 7) % 7 + (week - 1) * 7
                if date > CivilDate.length(ofMonth: month, year: year) { date -= 7 }
                return first + date - 1
            }
        }

        private static func firstDay(of year: Int64) -> Int64 { day(year, 1, 1) }

        private static func day(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
            CivilDate(year: year, month: month, day: day)?.daysSince1970 ?? 0
        }
    }

    /// Summer time: its offset, when it begins (in standard time) and ends (in summer time).
    struct Summer: Hashable, Sendable {
        var offset: Int64
        var begin: Change
        var end: Change
    }

    var standard: Int64
    var summer: Summer?

    /// The changes of a year in order: the moment, and the offset that holds from then on.
    func changes(in year: Int64) -> [(moment: Int64, offset: Int64)] {
        guard let summer else { return [] }
        let begin = (moment: summer.begin.local(in: year) - standard, offset: summer.offset)
        let end = (moment: summer.end.local(in: year) - summer.offset, offset: standard)
        return begin.moment <= end.moment ? [begin, end] : [end, begin]
    }

    /// Seconds east of UTC at a moment.
    func offset(at moment: Int64) -> Int64 {
        guard summer != nil else { return standard }
        return around(moment).last { $0.moment <= moment }?.offset ?? standard
    }

    /// The first moment after `moment` at which the offset becomes another, and the offset from then on.
    func change(after moment: Int64) -> (moment: Int64, offset: Int64)? {
        var offset = offset(at: moment)
        for change in around(moment) where change.moment > moment {
            if change.offset != offset { return change }
            offset = change.offset
        }
        return nil
    }

    /// The changes of the years about a moment.
    ///
    /// Of two at one moment (summer all year long) the beginning counts, as it
    /// comes last.
    private func around(_ moment: Int64) -> [(moment: Int64, offset: Int64)] {
        let year = CivilDate(daysSince1970: moment.flooredDivision(by: 86400)).year
        let all = (year - 2...year + 2).flatMap { changes(in: $0) }
        return all.sorted { left, right in
            left.moment != right.moment
                ? left.moment < right.moment : left.offset == standard && right.offset != standard
        }
    }
}
