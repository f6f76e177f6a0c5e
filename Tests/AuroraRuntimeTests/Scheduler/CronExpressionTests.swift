import AuroraModel
import Testing

@testable import AuroraRuntime

@Suite("Cron expressions")
struct CronExpressionTests {
    struct Bad: Sendable, CustomTestStringConvertible {
        let text: String
        let column: Int
        let problem: String
        var testDescription: String { text }
    }

    @Test(
        "what breaks the grammar is refused with the column",
        arguments: [
            Bad(text: "", column: 1, problem: "the minute is missing"),
            Bad(text: "* * * *", column: 8, problem: "the day of the week is missing"),
            Bad(text: "* * * * * *", column: 11, problem: "there is a sixth field"),
            Bad(text: "@daily", column: 1, problem: "a word instead of fields"),
            Bad(text: "60 * * * *", column: 1, problem: "60 is no minute"),
            Bad(text: "* 24 * * *", column: 3, problem: "24 is no hour"),
            Bad(text: "* * 0 * *", column: 5, problem: "0 is no day of the month"),
            Bad(text: "* * * FOO *", column: 7, problem: "\"FOO\" is no month"),
            Bad(text: "* * * * 8", column: 9, problem: "8 is no day of the week"),
            Bad(text: "5-1 * * * *", column: 1, problem: "the range 5-1 runs backwards"),
            Bad(text: "* * * * FRI-MON", column: 9, problem: "the range 5-1 runs backwards"),
            Bad(text: "*/0 * * * *", column: 3, problem: "the step 0 of the minute is outside 1-59"),
            Bad(text: "5/15 * * * *", column: 2, problem: "a step after a single value"),
            Bad(text: "1,,2 * * * *", column: 3, problem: "\",\" is not allowed in the minute"),
            Bad(text: "1, * * * *", column: 3, problem: "the minute ends too early"),
            Bad(text: "* * ? * *", column: 5, problem: "\"?\" is not allowed in the day of the month"),
            Bad(text: "* * L * *", column: 5, problem: "\"L\" is no day of the month"),
            Bad(text: "0 0 31 2 *", column: 5, problem: "no such day is in any of the months"),
            Bad(text: "0 0 31 4,6,9,11 *", column: 5, problem: "no such day is in any of the months"),
            Bad(text: "99999999999999999999 * * * *", column: 1, problem: "99999999999999999999 is no minute"),
            Bad(text: "* * * * *é", column: 10, problem: "this byte is not allowed in the day of the week"),
        ])
    func refused(_ bad: Bad) {
        #expect { try CronExpression(bad.text) } throws: { error in
            guard case .badCron(let text, let column, let problem, let remedy) = error as? SchedulerError else {
                return false
            }
            #expect(text == bad.text && column == bad.column && problem == bad.problem)
            return !remedy.isEmpty
        }
    }

    @Test("a text without end is refused at once")
    func tooLong() {
        #expect(throws: SchedulerError.self) { try CronExpression(String(repeating: "1,", count: 500_000)) }
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let text: String
        var zone = "UTC"
        let after: String
        let next: [String]
        var testDescription: String { "\(text) \(zone) \(after)" }
    }

    @Test(
        "the next moments are those of the calendar",
        arguments: [
            Row(
                text: "*/15 * * * *", after: "2026-01-01T00:00:00Z",
                next: ["2026-01-01T00:15:00Z", "2026-01-01T00:30:00Z"]),
            Row(text: "0 0 29 2 *", after: "2096-03-01T00:00:00Z", next: ["2104-02-29T00:00:00Z"]),
            Row(
                text: "0 0 13 * FRI", after: "2026-02-06T00:00:00Z",
                next: ["2026-02-13T00:00:00Z", "2026-02-20T00:00:00Z"]),
            Row(text: "0 0 */2 * MON", after: "2026-06-01T00:00:00Z", next: ["2026-06-15T00:00:00Z"]),
            Row(
                text: "59 23 31 DEC 7", after: "2026-12-27T23:58:00Z",
                next: ["2026-12-27T23:59:00Z", "2026-12-31T23:59:00Z"]),
            Row(
                text: "0 9 * * mon-fri", zone: "Europe/Berlin", after: "2026-07-03T07:00:00Z",
                next: ["2026-07-06T07:00:00Z"]),
        ])
    func calendar(_ row: Row) throws { try expect(row) }

    @Test(
        "defect 46: what falls into the hour that is left out runs once, right after; what comes twice runs once",
        arguments: [
            // Berlin, 29 March 2026: 02:00 becomes 03:00 at 01:00 UTC.
            Row(
                text: "30 2 * * *", zone: "Europe/Berlin", after: "2026-03-28T12:00:00Z",
                next: ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]),
            Row(
                text: "*/20 2 * * *", zone: "Europe/Berlin", after: "2026-03-28T12:00:00Z",
                next: ["2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"]),
            Row(
                text: "0 2,3 * * *", zone: "Europe/Berlin", after: "2026-03-28T12:00:00Z",
                next: ["2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"]),
            // The moment right before the change gives the same answer.
            Row(
                text: "30 2 * * *", zone: "Europe/Berlin", after: "2026-03-29T00:59:59Z", next: ["2026-03-29T01:00:00Z"]
            ),
            // Berlin, 25 October 2026: 03:00 becomes 02:00 at 01:00 UTC.
            Row(
                text: "30 2 * * *", zone: "Europe/Berlin", after: "2026-10-24T12:00:00Z",
                next: ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]),
            // Each hour goes on each hour, whatever the clocks do.
            Row(
                text: "30 * * * *", zone: "Europe/Berlin", after: "2026-10-25T00:00:00Z",
                next: ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"]),
            Row(
                text: "30 * * * *", zone: "Europe/Berlin", after: "2026-03-29T00:00:00Z",
                next: ["2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"]),
            // Lord Howe shifts by half an hour; Samoa left out 30 December 2011.
            Row(
                text: "15 2 * * *", zone: "Australia/Lord_Howe", after: "2026-10-03T12:00:00Z",
                next: ["2026-10-03T15:30:00Z", "2026-10-04T15:15:00Z"]),
            Row(
                text: "0 12 * * *", zone: "Pacific/Apia", after: "2011-12-29T22:00:00Z",
                next: ["2011-12-30T10:00:00Z", "2011-12-30T22:00:00Z"]),
            // Long after the last change that the file lists.
            Row(
                text: "30 2 * * *", zone: "Europe/Berlin", after: "2060-03-27T12:00:00Z",
                next: ["2060-03-28T01:00:00Z", "2060-03-29T00:30:00Z"]),
        ])
    func summerTime(_ row: Row) throws { try expect(row) }

    private func expect(_ row: Row) throws {
        let cron = try CronExpression(row.text)
        let zone = try Zone.named(row.zone)
        var moment = try #require(Timestamp(rfc3339: row.after)).seconds
        for expected in row.next {
            moment = try #require(cron.next(after: moment, in: zone))
            #expect(Timestamp(seconds: moment).rfc3339 == expected)
        }
    }

    @Test("random expressions agree with walking through every minute of four zones")
    func bruteForce() throws {
        var generator = RepeatableNumbers(seed: 46)
        for name in ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"] {
            let zone = try Zone.named(name)
            for _ in 0..<40 {
                let cron = try CronExpression(randomExpression(&generator))
                let start = Int64.random(in: 1_740_000_000...1_800_000_000, using: &generator)
                let walk = MinuteWalk(cron: cron, zone: zone)
                let end = start + 20 * 86400
                var moment = start
                for expected in walk.moments(after: start, upTo: end).prefix(60) {
                    let next = cron.next(after: moment, in: zone)
                    #expect(next == expected, "\(cron) in \(name) after \(moment)")
                    moment = expected
                }
            }
        }
    }

    private func randomExpression(_ generator: inout RepeatableNumbers) -> String {
        func pick(_ choices: [String]) -> String { choices.randomElement(using: &generator) ?? "*" }
        return [
            pick(["*", "*/7", "0", "30", "15,45", "10-20"]), pick(["*", "1", "2", "1-3", "*/2", "0,2,23"]),
            pick(["*", "1-15", "*/3", "29"]), pick(["*", "3,10", "4", "*/5"]), pick(["*", "SUN", "1-5", "0,6"]),
        ].joined(separator: " ")
    }
}
