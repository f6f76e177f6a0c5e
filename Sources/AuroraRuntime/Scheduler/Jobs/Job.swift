package import AuroraModel

/// The id of a persisted job, such as `pack02_env_profiler/profile`.
package typealias JobID = Identifier<JobIDKind>

/// The rules of job ids.
package enum JobIDKind: IdentifierKind {
    package static let noun = "job id"
    package static let rule = "1 to 128 of a-z A-Z 0-9 . _ - : /, starting with a letter or digit"

    package static func isValid(_ text: String) -> Bool {
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
        }
        guard let first = text.utf8.first, isAlphanumeric(first) else { return false }
        return text.utf8.allSatisfy { isAlphanumeric($0) || Array("._-:/".utf8).contains($0) }
    }
}

/// When a job is due.
package enum Trigger: Hashable, Sendable {
    /// Once, so long after it was added.
    case after(Span)
    /// Again and again at this distance, counted from when it was added.
    case every(Span)
    /// By the calendar of a zone of the IANA database.
    case cron(CronExpression, zone: String)

    /// Whether it follows the wall clock, so that it waits for the clock to be trusted.
    package var followsCalendar: Bool { if case .cron = self { true } else { false } }
}

/// What to do about moments that passed while the scheduler was not running or the machine asleep.
package enum MissedPolicy: Hashable, Sendable {
    /// Nothing: wait for the next one.
    case skip
    /// One run for all of them.
    case once
    /// One run for each, but at most this many (1 … 1000), one after the other.
    case all(max: Int)
}

/// What to do when a job is due while it is still running or waiting.
package enum OverlapPolicy: String, Hashable, Sendable, CaseIterable {
    /// Leave the new run out.
    case forbid
    /// Keep one run waiting until the other ends.
    case queue
    /// Call the running one off and start when it has ended.
    case replace
}

/// What is to be done and when, kept across restarts.
package struct Job: Hashable, Sendable {
    package let id: JobID
    /// Which of the program's handlers does it.
    package let kind: String
    /// What the handler is told; at most 64 KiB.
    package var payload = ""
    package let trigger: Trigger
    /// Runs start up to this much later, always by the same amount on one device; zero is not at all.
    package var jitter = Span(clipping: 0)
    package var missed = MissedPolicy.once
    package var overlap = OverlapPolicy.forbid
    /// How much of each named resource it holds while it runs, such as `gpu: 1`.
    package var tags: [String: Int] = [:]
    package var priority = Priority.normal

    /// A job that runs once for all missed moments and never twice at a time.
    package init(_ id: JobID, kind: String, trigger: Trigger) {
        self.id = id
        self.kind = kind
        self.trigger = trigger
    }

    /// Checks the bounds that types cannot: sizes, counts and the rate.
    func check(capacities: [String: Int]) throws(SchedulerError) {
        func refuse(_ reason: String, _ remedy: String) -> SchedulerError {
            .badJob(id.text, reason: reason, remedy: remedy)
        }
        guard (1...64).contains(kind.utf8.count) else { throw refuse("its kind has no name", "name a handler") }
        guard payload.utf8.count <= 64 << 10 else { throw refuse("its payload is over 64 KiB", "store it elsewhere") }
        if case .every(let period) = trigger, period.nanoseconds < 1_000_000_000 {
            throw refuse("it repeats more than once a second", "use a timer in memory for that")
        }
        if case .all(let most) = missed, !(1...1000).contains(most) {
            throw refuse("\(most) missed runs are outside 1-1000", "give a number within it")
        }
        for (tag, count) in tags {
            let capacity = capacities[tag] ?? 1
            guard (1...capacity).contains(count) else {
                throw refuse("it wants \(count) of \(tag), of which there is \(capacity)", "ask for 1-\(capacity)")
            }
        }
    }
}
