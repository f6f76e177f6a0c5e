import AuroraModel

/// When something happens by the calendar, as cron writes it: minute, hour, day of the month, month, day of the week.
///
/// Where both days are chosen (neither begins with `*`), either of them suffices, as crontab(5) says.
package struct CronExpression: Hashable, Sendable, CustomStringConvertible {
    /// As it was written.
    package let text: String
    private let minutes: CronField
    private let hours: CronField
    private let days: CronField
    private let months: CronField
    private let weekdays: CronField

    /// Reads an expression.
    /// - Throws: ``SchedulerError/badCron(_:column:problem:remedy:)``, also for a day that never comes, such as 31 February.
    package init(_ text: String) throws(SchedulerError) {
        var parser = CronParser(text)
        let fields = try parser.fields()
        self.text = text
        (minutes, hours, days, months, weekdays) = (fields[0], fields[1], fields[2], fields[3], fields[4])
        guard hasSomeDay else {
            throw .badCron(
                text, column: Self.column(ofField: 2, in: text), problem: "no such day is in any of the months",
                remedy: "give a day that one of the months has")
        }
    }

    package var description: String { text }

    /// Whether it names hours of the clock; one that holds in all hours counts time instead.
    var choosesHours: Bool { hours.bits != (1 << 24) - 1 }

    private var hasSomeDay: Bool {
        if !days.isStar && !weekdays.isStar { return true }
        // 2024 is a leap year, so that 29 February passes.
        return (Int64(1)...12).contains { month in
            guard months.contains(month), let day = days.first(from: 1) else { return false }
            return day <= CivilDate.length(ofMonth: month, year: 2024)
        }
    }

    private static func column(ofField index: Int, in text: String) -> Int {
        let bytes = Array(text.utf8)
        var field = -1
        for (offset, byte) in bytes.enumerated() {
            let isStart =
                byte != 0x20 && byte != 0x09 && (offset == 0 || bytes[offset - 1] == 0x20 || bytes[offset - 1] == 0x09)
            if isStart { field += 1 }
            if field == index { return offset + 1 }
        }
        return 1
    }

    /// The first local minute that is meant, at or after a local second and before another.
    ///
    /// Both count seconds since 1970 in local time, as if it were UTC.
    func firstMinute(from start: Int64, before end: Int64) -> Int64? {
        var minute = -(-start).flooredDivision(by: 60)
        while minute < -(-end).flooredDivision(by: 60) {
            let day = minute.flooredDivision(by: 1440)
            let date = CivilDate(daysSince1970: day)
            guard months.contains(date.month) else {
                minute = Self.firstDay(after: date) * 1440
                continue
            }
            if holds(on: date, day), let ofDay = firstMinute(ofDayFrom: minute - day * 1440) {
                let found = (day * 1440 + ofDay) * 60
                return found < end ? found : nil
            }
            minute = (day + 1) * 1440
        }
        return nil
    }

    private static func firstDay(after date: CivilDate) -> Int64 {
        let (year, month) = date.month == 12 ? (date.year + 1, 1) : (date.year, date.month + 1)
        return CivilDate(year: year, month: month, day: 1)?.daysSince1970 ?? Int64.max / 1440
    }

    private func holds(on date: CivilDate, _ day: Int64) -> Bool {
        // 1970-01-01 was a Thursday.
        let weekday = (day + 4) - (day + 4).flooredDivision(by: 7) * 7
        let (byDate, byWeek) = (days.contains(date.day), weekdays.contains(weekday))
        return days.isStar || weekdays.isStar ? byDate && byWeek : byDate || byWeek
    }

    private func firstMinute(ofDayFrom start: Int64) -> Int64? {
        var hour = start / 60
        var minute = start % 60
        while let nextHour = hours.first(from: hour) {
            if nextHour > hour { minute = 0 }
            if let found = minutes.first(from: minute) { return nextHour * 60 + found }
            hour = nextHour + 1
            minute = 0
        }
        return nil
    }
}
