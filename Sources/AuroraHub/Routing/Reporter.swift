import AuroraAudit
import AuroraHTTP
import AuroraModel
import AuroraSystem

/// Writes down what became of requests: log, metrics, audit.
struct Reporter: Sendable {
    let log: Log
    let metrics: Metrics
    let trail: AuditTrail
    let clock: WallClock

    /// Every answer: counted, and logged when it changed something or failed.
    func answered(_ status: Int, id: String, head: RequestHead, context: RequestContext?, duration: Duration) {
        let route = context?.route.name ?? "none"
        metrics.finished(route: route, status: status, duration: duration)
        let isQuiet = head.method == .get && status < 400
        log.log(
            isQuiet ? .debug : .info, "request",
            [
                "request": id, "method": head.method.rawValue, "path": Self.path(head), "status": String(status),
                "user": context?.identity?.user.text ?? "-", "address": head.remoteAddress,
                "milliseconds": String(Int(duration / .milliseconds(1))),
            ])
    }

    /// A refusal: of somebody known into the audit log at once, of a stranger into the count of this minute.
    func refused(
        _ problem: Problem, id: String, head: RequestHead, port: HubPort, context: RequestContext?, identity: Identity?
    ) {
        metrics.refused(code: problem.code)
        guard problem.status < 500 || problem.code != Problem.inside.code else { return }
        guard let identity, problem.status != 429 else {
            countStranger(problem, id: id, address: head.remoteAddress)
            return
        }
        // What only asked and found nothing is no act; what was forbidden is one, whatever the method.
        guard head.method != .get || problem.status == 403 else { return }
        do {
            try trail.refused(
                .requestRefuse, problem.subject.isEmpty ? Self.path(head) : problem.subject,
                by: identity.actor(at: head.remoteAddress), code: problem.code,
                details: [
                    ("route", context?.route.name ?? "\(head.method.rawValue) \(Self.path(head))"),
                    ("port", port.rawValue), ("request", id),
                ])
        } catch {
            log.error("a refusal could not be written into the audit log", ["request": id, "error": "\(error)"])
        }
    }

    /// A refusal of the transport, told on the socket thread, where nothing may be written.
    func transportRefused(code: String, address: String) {
        metrics.refused(code: code)
        trail.log.noteRefusal(source: address, code: code)
    }

    private func countStranger(_ problem: Problem, id: String, address: String) {
        do { try trail.log.recordRefusal(source: address, code: problem.code) } catch {
            log.error("a refusal could not be counted", ["request": id, "error": "\(error)"])
        }
    }

    /// A fault of our own: all of it goes into the log, none of it into the answer.
    func fault(_ error: any Error, id: String, head: RequestHead) {
        log.error(
            "fault", ["request": id, "path": Self.path(head), "error": "\(error)", "kind": "\(type(of: error))"])
    }

    /// The path without the query, which may hold anything.
    private static func path(_ head: RequestHead) -> String {
        "/" + head.path.joined(separator: "/").printable(limit: 300)
    }
}
