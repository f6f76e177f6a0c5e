import AuroraModel
import Testing

@Suite("Times")
struct TimestampTests {
    struct Known: CustomTestStringConvertible {
        let milliseconds: Int64
        let text: String
        var testDescription: String { text }
    }

    @Test(
        "known moments are written and read",
        arguments: [
            Known(milliseconds: 0, text: "1970-01-01T00:00:00Z"),
            Known(milliseconds: 951_782_400_000, text: "2000-02-29T00:00:00Z"),
            Known(milliseconds: 1_800_000_000_123, text: "2027-01-15T08:00:00.123Z"),
            Known(milliseconds: -1, text: "1969-12-31T23:59:59.999Z"),
            Known(milliseconds: -2_208_988_800_000, text: "1900-01-01T00:00:00Z"),
            Known(milliseconds: 253_402_300_799_999, text: "9999-12-31T23:59:59.999Z"),
            Known(milliseconds: 4_107_542_400_000, text: "2100-03-01T00:00:00Z"),
        ])
    func known(_ item: Known) {
        #expect(Timestamp(milliseconds: item.milliseconds).rfc3339 == item.text)
        #expect(Timestamp(rfc3339: item.text)?.milliseconds == item.milliseconds)
    }

    @Test("offsets, small letters and long fractions mean the same moment")
    func spellings() {
        let moment = Timestamp(rfc3339: "2026-11-21T10:00:00Z")
        for text in [
            "2026-11-21T12:00:00+02:00", "2026-11-21t10:00:00z", "2026-11-21T05:30:00-04:30",
            "2026-11-21T10:00:00.0Z", "2026-11-21T10:00:00.000999999Z",
        ] {
            #expect(Timestamp(rfc3339: text) == moment)
        }
    }

    @Test(
        "what is no moment is refused",
        arguments: [
            "", "2026-11-21", "2026-11-21T10:00:00", "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-04-31T00:00:00Z",
            "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01 00:00:00Z",
            "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.1234567890Z", "2026-01-01T00:00:00+2:00",
            "2026-01-01T00:00:00Zx", " 2026-01-01T00:00:00Z", "+026-01-01T00:00:00Z", "２026-01-01T00:00:00Z",
        ])
    func refused(_ text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test("every day from 1600 to 2400 is the day after the one before")
    func everyDay() throws {
        var moment = try #require(Timestamp(rfc3339: "1600-01-01T12:00:00Z"))
        let end = try #require(Timestamp(rfc3339: "2400-12-31T12:00:00Z"))
        var days = 0
        var wrong = 0
        while moment <= end {
            if Timestamp(rfc3339: moment.rfc3339) != moment { wrong += 1 }
            days += 1
            moment = moment.adding(seconds: 86400)
        }
        #expect(days == 292_560)
        #expect(wrong == 0)
    }

    @Test("windows open and close by the day and minute in UTC, over midnight too")
    func windows() throws {
        let window = try #require(PolicyWindow("fri-sat 22:00-04:00"))
        func isOpen(_ text: String) -> Bool? { Timestamp(rfc3339: text).map { window.contains($0) } }
        // 2027-01-15 is a Friday.
        #expect(isOpen("2027-01-15T21:59:59Z") == false)
        #expect(isOpen("2027-01-15T22:00:00Z") == true)
        #expect(isOpen("2027-01-16T03:59:59Z") == true)
        #expect(isOpen("2027-01-16T04:00:00Z") == false)
        #expect(isOpen("2027-01-17T03:59:59Z") == true)
        #expect(isOpen("2027-01-17T22:00:00Z") == false)
        let monday = try #require(Timestamp(rfc3339: "2027-01-18T09:30:30Z"))
        #expect(window.nextOpening(from: monday) == Timestamp(rfc3339: "2027-01-22T22:00:00Z"))
        let allDay = try #require(PolicyWindow("sun 00:00-00:00"))
        #expect(Timestamp(rfc3339: "2027-01-17T23:59:00Z").map { allDay.contains($0) } == true)
        #expect(Timestamp(rfc3339: "2027-01-18T00:00:00Z").map { allDay.contains($0) } == false)
        #expect(PolicyWindow("sat-mon 10:00-11:00")?.days == [0, 5, 6])
        for text in [
            "", "daily", "daily 10:00", "daily 24:00-25:00", "day 10:00-11:00", "mon 1:00-2:00", "mon- 01:00-02:00",
        ] {
            #expect(PolicyWindow(text) == nil)
        }
    }
}
