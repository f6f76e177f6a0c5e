/// A weekly span of time in UTC in which changes may start, written `mon-fri 22:00-04:00`.
package struct PolicyWindow: Hashable, Sendable {
    /// Days it opens on, 0 (Monday) to 6, ascending.
    package let days: [Int64]
    /// Minutes since midnight UTC.
    package let opens: Int64
    /// Minutes since midnight; not after ``opens`` means on the next day, equal means a whole day.
    package let closes: Int64

    private static let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    /// Reads `DAYS HH:MM-HH:MM`, or nil.
    ///
    /// Days are `daily`, a day, a range `mon-fri`, or a list `sat,sun`.
    package init?(_ text: String) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: true)
        guard parts.count == 2, let days = PolicyWindow.days(String(parts[0])) else { return nil }
        let times = parts[1].split(separator: "-", omittingEmptySubsequences: false)
        guard times.count == 2, let opens = PolicyWindow.minute(times[0]), let closes = PolicyWindow.minute(times[1])
        else { return nil }
        self.days = days
        self.opens = opens
        self.closes = closes
    }

    /// The one way this window is written in canonical bytes.
    package var text: String {
        let list = days.count == 7 ? "daily" : days.map { PolicyWindow.names[Int($0)] }.joined(separator: ",")
        return "\(list) \(PolicyWindow.clock(opens))-\(PolicyWindow.clock(closes))"
    }

    package func contains(_ moment: Timestamp) -> Bool {
        let minute = moment.minuteOfDay
        let today = moment.dayOfWeek
        if opens < closes { return days.contains(today) && minute >= opens && minute < closes }
        return days.contains(today) && minute >= opens || days.contains((today + 6) % 7) && minute < closes
    }

    /// The first moment from `moment` on at which the window is open, to the minute.
    package func nextOpening(from moment: Timestamp) -> Timestamp {
        if contains(moment) { return moment }
        let minuteNow = moment.seconds - (moment.seconds % 60 + 60) % 60
        let waits = days.map { day -> Int64 in
            let minutes = ((day - moment.dayOfWeek + 7) % 7) * 1440 + opens - moment.minuteOfDay
            return minutes > 0 ? minutes : minutes + 7 * 1440
        }
        return Timestamp(seconds: minuteNow + (waits.min() ?? 0) * 60)
    }

    private static func days(_ text: String) -> [Int64]? {
        if text == "daily" { return Array(0...6) }
        var days: Set<Int64> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map {
                names.firstIndex(of: String($0))
            }
            switch (ends.count, ends.first ?? nil, ends.last ?? nil) {
            case (1, let day?, _): days.insert(Int64(day))
            case (2, let first?, let last?):
                for step in 0..<7 {
                    days.insert(Int64((first + step) % 7))
                    if (first + step) % 7 == last { break }
                }
            default: return nil
            }
        }
        return days.sorted()
    }

    private static func minute(_ text: Substring) -> Int64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2,
            parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let hour = Int64(parts[0]), let minute = Int64(parts[1]), hour < 24, minute < 60
        else { return nil }
        return hour * 60 + minute
    }

    private static func clock(_ minute: Int64) -> String {
        let padded = [minute / 60, minute % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return padded.joined(separator: ":")
    }
}
