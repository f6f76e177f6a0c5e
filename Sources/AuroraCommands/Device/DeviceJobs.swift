import AuroraModel
import AuroraPacks
import AuroraRuntime

/// `aurora device jobs`: what the core does by the calendar, and how it ended last.
enum DeviceJobs {
    static let command = Command(
        "device jobs", "show what the core does by the calendar, when next, and how it ended last",
        discussion: """
            packs/verify compares every byte of the active packs with what was verified, packs/collect removes what nothing \
            needs. device.yaml says when (maintenance); pack verify and pack gc do the same at once. A job that fell due \
            while no core ran is made up for once.
            """,
        options: [.device], examples: ["device jobs", "device jobs --json"],
        run: { invocation in
            let places = try invocation.devicePlaces
            let device = try Device(places: places, configuration: try invocation.deviceConfiguration(places))
            let jobs = try JobRecord.all(in: device.database, device: device.configuration.target.text)
            var table = TextTable("JOB", "WHEN", "NEXT", "LAST", "ENDED", "WHY")
            for job in jobs {
                table.add(
                    job.id.text, job.trigger, job.waitsForClock ? "when the clock is set" : text(job.next),
                    text(job.running ?? job.last?.begun),
                    job.running == nil ? job.last?.outcome.word ?? "-" : "running", job.last?.outcome.detail ?? "")
            }
            invocation.console.show(
                "JobList", list: jobs.map(json), name: "id", table: table,
                empty: "no jobs yet; a core that runs plans them: aurora start")
            return .success
        })

    private static func text(_ time: Timestamp?) -> String { time.map { "\($0)" } ?? "-" }

    private static func json(_ job: JobRecord) -> JSONValue {
        [
            "id": .string(job.id.text), "when": .string(job.trigger), "next": JSONValue(job.next),
            "waits_for_clock": .bool(job.waitsForClock),
            "running": JSONValue(job.running),
            "last": job.last.map { last in
                [
                    "begun": JSONValue(last.begun), "ended": JSONValue(last.ended),
                    "outcome": .string(last.outcome.word), "detail": .string(last.outcome.detail),
                ]
            } ?? .null,
        ]
    }
}
