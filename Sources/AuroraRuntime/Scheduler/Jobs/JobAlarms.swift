/// Which job is due when, on both clocks; a job has one alarm at most.
struct JobAlarms {
    private var boot = TimerHeap()
    private var wall = TimerHeap()
    /// The alarms that count; what the heaps hold beside them is passed over.
    private var jobs: [UInt64: JobID] = [:]
    private var last: UInt64 = 0

    /// The next moment of the boot clock, in nanoseconds; it may be that of an alarm which was dropped.
    var nextBoot: Int64? { boot.first?.moment }
    /// The same for the wall clock, in milliseconds.
    var nextWall: Int64? { wall.first?.moment }

    /// Sets an alarm and gives its number, never used again.
    mutating func set(_ id: JobID, boot bootMoment: Int64?, wall wallMoment: Int64?) -> UInt64 {
        last += 1
        jobs[last] = id
        if let bootMoment { boot.insert(moment: bootMoment, key: last) }
        if let wallMoment { wall.insert(moment: wallMoment, key: last) }
        if boot.count + wall.count > 2 * jobs.count + 1024 {
            boot.filter { [jobs] in jobs[$0] != nil }
            wall.filter { [jobs] in jobs[$0] != nil }
        }
        return last
    }

    /// Calls an alarm off.
    mutating func drop(_ alarm: UInt64?) {
        if let alarm { jobs[alarm] = nil }
    }

    /// Takes the next job that is due; calendars only once the clock is trusted.
    mutating func takeDue(_ now: JobBook.Now) -> JobID? {
        while let first = boot.popFirst(until: now.boot) {
            if let id = jobs.removeValue(forKey: first.key) { return id }
        }
        while now.isTrusted, let first = wall.popFirst(until: now.wall) {
            if let id = jobs.removeValue(forKey: first.key) { return id }
        }
        return nil
    }
}
