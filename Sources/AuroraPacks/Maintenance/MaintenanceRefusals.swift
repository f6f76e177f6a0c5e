import AuroraActivation
import AuroraModel

/// What is said of maintenance that is refused, or finds something.
enum MaintenanceRefusals {
    static func running(_ task: MaintenanceTask) -> Refusal {
        Refusal(
            .conflict, code: "task_running", "\(task.job) is running already.", subject: task.job.text,
            rule: "one run at a time", remedy: "wait for its end; see: aurora device jobs")
    }

    static func drift(_ items: [DriftItem]) -> Refusal {
        let shown = items.prefix(5).map { "\($0.path) was \($0.problem.rawValue)" }.joined(separator: ", ")
        let rest = items.count > 5 ? " and \(items.count - 5) more" : ""
        return Refusal(
            .conflict, code: "pack_drift", "Active packs are not what was verified: \(shown)\(rest).",
            subject: items.first?.path ?? "", rule: "verified bytes are the installed bytes",
            remedy: "see all: aurora pack verify; stage the same pack again, which puts its bytes right, then stop and "
                + "start it: aurora pack stop ID, aurora pack start ID; and find out who wrote to it")
    }
}
