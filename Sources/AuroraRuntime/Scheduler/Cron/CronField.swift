/// One of the five fields of a cron expression: which of its values are meant.
struct CronField: Hashable, Sendable {
    /// Bit n stands for the value n.
    var bits: UInt64 = 0
    /// Whether the text begins with `*`, which is how cron tells a free day from a chosen one.
    var isStar = false

    func contains(_ value: Int64) -> Bool { (0..<64).contains(value) && bits & (1 << UInt64(value)) != 0 }

    /// The least value that is meant and not below `value`.
    func first(from value: Int64) -> Int64? {
        guard value < 64 else { return nil }
        let rest = bits & (UInt64.max << UInt64(max(0, value)))
        return rest == 0 ? nil : Int64(rest.trailingZeroBitCount)
    }
}

/// What may stand in a field.
struct CronFieldRule: Sendable {
    let name: String
    let values: ClosedRange<Int>
    /// Names for values, counted from `values.lowerBound`.
    var names: [String] = []

    static let all = [
        CronFieldRule(name: "minute", values: 0...59),
        CronFieldRule(name: "hour", values: 0...23),
        CronFieldRule(name: "day of the month", values: 1...31),
        CronFieldRule(
            name: "month", values: 1...12,
            names: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]),
        CronFieldRule(
            name: "day of the week", values: 0...7, names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]),
    ]
}
