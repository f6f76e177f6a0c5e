import Testing

@testable import AuroraRuntime

@Suite("Spans of time")
struct SpanTests {
    @Test(
        "defect 46: a delay that is no number, negative or without end is refused with its reason",
        arguments: [
            (Double.nan, "it is not a number"), (-1, "it is negative"), (-.infinity, "it is negative"),
            (.infinity, "it is too long"), (1e300, "it is too long"), (3_153_600_001, "it is too long"),
            (-0.000_001, "it is negative"),
        ])
    func badSeconds(_ seconds: Double, _ reason: String) {
        #expect { try Span(seconds: seconds) } throws: { error in
            guard case .badDuration(_, let found) = error as? SchedulerError else { return false }
            return found == reason
        }
    }

    @Test("a duration of the program's own keeps the same bounds")
    func badDurations() throws {
        #expect(throws: SchedulerError.badDuration("\(Duration.seconds(-1))", reason: "it is negative")) {
            try Span(.seconds(-1))
        }
        #expect(throws: SchedulerError.badDuration("\(Duration.seconds(Int64.max))", reason: "it is too long")) {
            try Span(.seconds(Int64.max))
        }
        #expect(try Span(.milliseconds(1500)).nanoseconds == 1_500_000_000)
        #expect(try Span(seconds: 0.25).milliseconds == 250)
        #expect(try Span(seconds: 0).nanoseconds == 0)
    }
}
