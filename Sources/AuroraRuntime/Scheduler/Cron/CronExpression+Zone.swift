extension CronExpression {
    /// The first moment after `moment` at which it happens in a zone; both in seconds since 1970 UTC.
    ///
    /// Where the clocks go forward, what would have happened in the hour that is left out happens once, right after.
    /// Where they go back, what falls into the hour that comes twice happens the first time only. An expression that
    /// holds in every hour counts time and not hours of the clock: it skips the one and runs through the other.
    /// Nil when nothing comes within nine years, which no expression that was accepted does.
    package func next(after moment: Int64, in zone: Zone) -> Int64? {
        // 29 February is at most eight years away.
        let last = moment + 9 * 366 * 86400
        var from = moment + 1
        while from <= last {
            let segment = zone.segment(at: from)
            if let begin = segment.begin, begin.moment == from, happensInGap(before: segment, at: begin) { return from }
            if let found = first(from: from, in: segment, last: last) { return found }
            guard let end = segment.end else { return nil }
            from = end.moment
        }
        return nil
    }

    private func first(from moment: Int64, in segment: Zone.Segment, last: Int64) -> Int64? {
        var start = moment + segment.offset
        if let begin = segment.begin, choosesHours {
            // Local time up to here has been once already, before the clocks went back.
            start = max(start, begin.moment + begin.previousOffset)
        }
        let end = (segment.end?.moment ?? last + 1) + segment.offset
        return firstMinute(from: start, before: end).map { $0 - segment.offset }
    }

    private func happensInGap(before segment: Zone.Segment, at begin: (moment: Int64, previousOffset: Int64)) -> Bool {
        guard choosesHours, segment.offset > begin.previousOffset else { return false }
        return firstMinute(from: begin.moment + begin.previousOffset, before: begin.moment + segment.offset) != nil
    }
}
