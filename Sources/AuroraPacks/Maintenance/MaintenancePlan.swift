import AuroraModel
package import AuroraRuntime

/// What a core does by itself, and when: the section `maintenance` of `device.yaml`.
package struct MaintenancePlan: Hashable, Sendable {
    /// When something is done again and again.
    package enum Calendar: Hashable, Sendable {
        case never
        /// At this distance; needs no time of day.
        case every(Span)
        /// By the calendar, once the time of day can be believed.
        case cron(CronExpression)

        /// Reads `never`, `every 12h` (1 to 8,760 hours), or five fields as crontab(5) has them.
        ///
        /// - Throws: what is wrong with anything else.
        package init(_ text: String) throws(Mistake) {
            if text == "never" {
                self = .never
            } else if text.hasPrefix("every ") {
                self = .every(try Self.hours(text))
            } else if let first = text.unicodeScalars.first, ("0"..."9").contains(first) || first == "*" || first == "@"
            {
                self = .cron(try Self.fields(text))
            } else {
                throw Mistake(problem: "\(Self.quoted(text)) is not \(Self.expected)", remedy: "write \(Self.expected)")
            }
        }

        fileprivate init(standard text: String) {
            guard let calendar = try? Calendar(text) else { preconditionFailure("\(text) is no calendar") }
            self = calendar
        }

        /// What a calendar may be, in words.
        static let expected = "every 24h (any number of hours), five fields as in crontab(5), or never"
        private static let most = 8760

        private static func hours(_ text: String) throws(Mistake) -> Span {
            let digits = text.dropFirst(6).dropLast()
            // Digits alone, and no zero in front.
            guard text.hasSuffix("h"), let hours = Int(digits), text == "every \(hours)h" else {
                throw Mistake(
                    problem: "\(quoted(text)) names no whole number of hours", remedy: "write it such as every 24h")
            }
            guard (1...most).contains(hours), let span = try? Span(.seconds(hours * 3600)) else {
                throw Mistake(
                    problem: "\(quoted(text)): \(hours) is no number of hours from 1 to \(most)",
                    remedy: hours == 0 ? "write never for what is not to be done" : "write a number of hours within it")
            }
            return span
        }

        private static func fields(_ text: String) throws(Mistake) -> CronExpression {
            do throws(SchedulerError) {
                return try CronExpression(text)
            } catch {
                guard case .badCron(_, let column, let problem, let remedy) = error else {
                    throw Mistake(problem: "\(quoted(text)): \(error)", remedy: "write \(expected)")
                }
                throw Mistake(problem: "\(quoted(text)), at its column \(column): \(problem)", remedy: remedy)
            }
        }

        private static func quoted(_ text: String) -> String { "\"\(text.printable(limit: 60))\"" }

        fileprivate func trigger(in zone: String) -> Trigger? {
            switch self {
            case .never: nil
            case .every(let period): .every(period)
            case .cron(let expression): .cron(expression, zone: zone)
            }
        }
    }

    /// Why a text is no calendar, and what to write instead.
    package struct Mistake: Error, Hashable, Sendable {
        package let problem: String
        package let remedy: String
    }

    /// When every byte of the active packs is read and compared with what was verified.
    package var verify = Calendar(standard: "every 24h")
    /// When everything that nothing needs any more is removed.
    package var collect = Calendar(standard: "every 168h")
    /// The zone of calendars, a name of the IANA database.
    package var zone = "UTC"
    /// Minutes within which devices spread what falls due at one moment; each has its own, always the same.
    package var spreadMinutes = 120

    /// The defaults.
    package init() {}

    /// The jobs of this plan, and those that there are to be none of.
    var jobs: (wanted: [Job], unwanted: [JobID]) {
        var (wanted, unwanted): ([Job], [JobID]) = ([], [])
        for (task, calendar) in [(MaintenanceTask.verify, verify), (.collect, collect)] {
            guard let trigger = calendar.trigger(in: zone) else {
                unwanted.append(task.job)
                continue
            }
            var job = Job(task.job, kind: task.rawValue, trigger: trigger)
            if let spread = try? Span(.seconds(spreadMinutes * 60)) { job.jitter = spread }
            job.priority = .low
            // Both read the whole store: one after the other.
            job.tags = ["store": 1]
            wanted.append(job)
        }
        return (wanted, unwanted)
    }
}

/// Something that is done to a device by the calendar; a person may do it at any time.
package enum MaintenanceTask: String, CaseIterable, Hashable, Sendable {
    /// Compares the active packs with what was verified.
    case verify
    /// Removes what nothing needs any more.
    case collect

    /// Its job in the device's database.
    package var job: JobID {
        guard let id = JobID("packs/\(rawValue)") else { preconditionFailure("\(rawValue) is no part of a job id") }
        return id
    }

    /// Records that a person does it by hand, so that the core does not do it at the same time, nor twice.
    ///
    /// - Throws: `Refusal` with code `task_running` when it is being done already; what `body` throws.
    package func byHand<Result>(on device: Device, _ body: () throws -> Result) throws -> Result {
        let run: ForeignRun
        do {
            run = try ForeignRun.begin(job, in: device.database, clock: device.clock)
        } catch is SchedulerError {
            throw MaintenanceRefusals.running(self)
        }
        let result = Swift.Result { try body() }
        switch result {
        case .success: try run.end(.succeeded, clock: device.clock)
        case .failure(let error): try run.end(.failed(String("\(error)".prefix(4096))), clock: device.clock)
        }
        return try result.get()
    }
}
