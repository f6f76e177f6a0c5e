@testable import AuroraRuntime

/// The rules of summer time again, in the plainest way: look at every minute.
struct MinuteWalk {
    let cron: CronExpression
    let zone: Zone

    /// All moments in between, in seconds since 1970.
    func moments(after start: Int64, upTo end: Int64) -> [Int64] {
        var found: [Int64] = []
        walk(after: start, upTo: end) { moment in
            found.append(moment)
            return true
        }
        return found
    }

    /// The first moment within so many days.
    func first(after start: Int64, days: Int64) -> Int64? {
        var found: Int64?
        walk(after: start, upTo: start + days * 86400) { moment in
            found = moment
            return false
        }
        return found
    }

    private func walk(after start: Int64, upTo end: Int64, _ isWanted: (Int64) -> Bool) {
        var latest = Int64.min
        // Three hours earlier, so that what the clock has shown already is known.
        var moment = (start / 60 - 180) * 60
        while moment <= end {
            let local = moment + zone.offset(at: moment)
            let before = latest == Int64.min ? local - 60 : latest
            // Where hours are chosen, minutes that the clock left out count now, and minutes it shows again do not.
            let first = cron.choosesHours ? before + 60 : local
            let isDue = stride(from: first, through: local, by: 60).contains {
                cron.firstMinute(from: $0, before: $0 + 60) != nil
            }
            if isDue, moment > start, !isWanted(moment) { return }
            latest = max(latest, local)
            moment += 60
        }
    }
}
