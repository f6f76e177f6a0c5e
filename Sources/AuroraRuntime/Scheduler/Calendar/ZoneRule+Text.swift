extension ZoneRule {
    /// Reads a rule such as `CET-1CEST,M3.5.0,M10.5.0/3`; nil when it breaks the grammar in any way.
    init?(_ text: some Collection<UInt8>) {
        var reader = RuleReader(Array(text))
        guard reader.name(), let west = reader.time(hours: 24) else { return nil }
        standard = -west
        guard !reader.isAtEnd else { return }
        guard reader.name() else { return nil }
        var offset = standard + 3600
        if !reader.isNext(",") {
            guard let west = reader.time(hours: 24) else { return nil }
            offset = -west
        }
        guard reader.skip(","), let begin = reader.change(), reader.skip(","), let end = reader.change(), reader.isAtEnd
        else { return nil }
        summer = Summer(offset: offset, begin: begin, end: end)
    }
}

/// Walks over the bytes of a rule.
private struct RuleReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    func isNext(_ character: Unicode.Scalar) -> Bool {
        position < bytes.count && bytes[position] == UInt8(ascii: character)
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard isNext(character) else { return false }
        position += 1
        return true
    }

    /// Three or more letters, or anything of letters, digits and signs between `<` and `>`.
    mutating func name() -> Bool {
        let isQuoted = skip("<")
        let start = position
        while position < bytes.count, Self.isLetter(bytes[position]) || isQuoted && Self.isQuotable(bytes[position]) {
            position += 1
        }
        guard position - start >= 3 else { return false }
        return !isQuoted || skip(">")
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }
    private static func isQuotable(_ byte: UInt8) -> Bool { (48...57).contains(byte) || byte == 43 || byte == 45 }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    mutating func time(hours limit: Int64) -> Int64? {
        let sign: Int64 = skip("-") ? -1 : 1
        if sign == 1 { _ = skip("+") }
        guard let hours = number(limit) else { return nil }
        var seconds = hours * 3600
        if skip(":") {
            guard let minutes = number(59) else { return nil }
            seconds += minutes * 60
            if skip(":") {
                guard let rest = number(59) else { return nil }
                seconds += rest
            }
        }
        return sign * seconds
    }

    /// `Mm.w.d`, `Jn` or `n`, and `/time` when it is not 02:00.
    mutating func change() -> ZoneRule.Change? {
        guard let day = day() else { return nil }
        guard skip("/") else { return ZoneRule.Change(day: day, second: 7200) }
        guard let second = time(hours: 167) else { return nil }
        return ZoneRule.Change(day: day, second: second)
    }

    private mutating func day() -> ZoneRule.Change.Day? {
        if skip("M") {
            guard let month = number(12), month >= 1, skip("."), let week = number(5), week >= 1, skip("."),
                let weekday = number(6)
            else { return nil }
            return .weekday(month: month, week: week, weekday: weekday)
        }
        if skip("J") {
            guard let number = number(365), number >= 1 else { return nil }
            return .julian(number)
        }
        return number(365).map { .ordinal($0) }
    }

    /// One to three digits, at most `limit`.
    private mutating func number(_ limit: Int64) -> Int64? {
        var value: Int64 = 0
        let start = position
        while position < bytes.count, (48...57).contains(bytes[position]), position - start < 3 {
            value = value * 10 + Int64(bytes[position] - 48)
            position += 1
        }
        return position > start && value <= limit ? value : nil
    }
}
