/// A moment in milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
package struct Timestamp: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }
    package init(seconds: Int64) { milliseconds = seconds * 1000 }

    /// Whole seconds since 1970, rounded down.
    package var seconds: Int64 { milliseconds.flooredDivision(by: 1000) }

    package func adding(seconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds + seconds * 1000) }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    package var description: String { rfc3339 }

    /// `2026-01-02T03:04:05Z`, with three decimals when there are milliseconds; the year is not clipped.
    package var rfc3339: String {
        let day = seconds.flooredDivision(by: 86400)
        let rest = seconds - day * 86400
        let date = CivilDate(daysSince1970: day)
        let fraction = milliseconds - seconds * 1000
        let clock = [rest / 3600, rest / 60 % 60, rest % 60].map { padded($0, 2) }.joined(separator: ":")
        let head = "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T\(clock)"
        return fraction == 0 ? head + "Z" : head + "." + padded(fraction, 3) + "Z"
    }

    /// Reads an RFC 3339 date-time with `Z` or a numeric offset and at most nine decimals (cut to milliseconds).
    ///
    /// Refuses a leap second and any day the calendar does not have.
    package init?(rfc3339 text: String) {
        var scanner = DigitScanner(Array(text.utf8))
        guard let year = scanner.digits(4), scanner.skip("-"), let month = scanner.digits(2), scanner.skip("-"),
            let day = scanner.digits(2), scanner.skip("T") || scanner.skip("t"), let hour = scanner.digits(2),
            scanner.skip(":"), let minute = scanner.digits(2), scanner.skip(":"), let second = scanner.digits(2),
            hour < 24, minute < 60, second < 60,
            let date = CivilDate(year: year, month: month, day: day),
            let fraction = scanner.fraction(), let offset = scanner.offset(), scanner.isAtEnd
        else { return nil }
        let total = date.daysSince1970 * 86400 + hour * 3600 + minute * 60 + second - offset
        milliseconds = total * 1000 + fraction
    }

    private func padded(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}

extension Timestamp {
    /// Minutes since midnight UTC, 0 to 1439.
    package var minuteOfDay: Int64 { (seconds - seconds.flooredDivision(by: 86400) * 86400) / 60 }

    /// Days since Monday in UTC, 0 to 6.
    package var dayOfWeek: Int64 {
        // 1970-01-01 was a Thursday.
        let day = seconds.flooredDivision(by: 86400) + 3
        return day - day.flooredDivision(by: 7) * 7
    }
}

extension JSONValue {
    /// The moment in RFC 3339, or null for nil.
    package init(_ moment: Timestamp?) { self.init(moment?.rfc3339) }
}

extension JSONReader {
    package mutating func timestamp(_ key: String) throws(JSONShapeError) -> Timestamp {
        try parsed(key, expected: "a time like 2026-01-02T03:04:05Z") { Timestamp(rfc3339: $0) }
    }

    package mutating func optionalTimestamp(_ key: String) throws(JSONShapeError) -> Timestamp? {
        optional(key) == nil ? nil : try timestamp(key)
    }
}

private struct DigitScanner {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func digits(_ count: Int) -> Int64? {
        guard position + count <= bytes.count else { return nil }
        var value: Int64 = 0
        for byte in bytes[position..<position + count] {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - 0x30)
        }
        position += count
        return value
    }

    mutating func skip(_ character: Character) -> Bool {
        guard position < bytes.count, bytes[position] == character.asciiValue else { return false }
        position += 1
        return true
    }

    /// Milliseconds after an optional decimal point; nil when the point has no digits or more than nine.
    mutating func fraction() -> Int64? {
        guard skip(".") else { return 0 }
        var value: Int64 = 0
        var count = 0
        while let digit = digits(1) {
            count += 1
            if count <= 3 { value = value * 10 + digit }
        }
        guard count > 0, count <= 9 else { return nil }
        for _ in count..<max(count, 3) { value *= 10 }
        return value
    }

    /// Seconds east of UTC.
    mutating func offset() -> Int64? {
        if skip("Z") || skip("z") { return 0 }
        let sign: Int64
        if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
        guard let hours = digits(2), skip(":"), let minutes = digits(2), hours < 24, minutes < 60 else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}
