package import AuroraModel
import AuroraRuntime

/// Stops, starts and judges packs through the core that keeps them running, from inside it or over its socket.
package struct CoreServices: PackServices {
    private let control: any PackControl

    /// What the core takes beyond the limits of the manifest: a start that is late and ignores SIGTERM is killed later.
    private static let slack = Duration.seconds(15)

    package init(_ control: any PackControl) { self.control = control }

    package func stop(_ packs: [PackID]) throws {
        guard !packs.isEmpty else { return }
        // The core ends by itself what does not stop in the time of its manifest, which may be long.
        let grace = CoreRequest.longestWait
        let left = try control.stop(packs, withDependants: false, wait: grace).filter { row in
            packs.contains { $0.text == row.id } && row.state != .stopped && row.state != .staged
        }
        guard left.isEmpty else {
            throw Self.survives(
                left.first?.id ?? "",
                "These packs were not stopped within \(grace.components.seconds) seconds: "
                    + left.map { "\($0.id) is \($0.state.rawValue)" }.joined(separator: ", "),
                remedy: "see why: aurora pack status, aurora pack logs")
        }
    }

    package func start(_ pack: RunnablePack) throws {
        let service = pack.pack.manifest.service
        let limits = service.startTimeoutSeconds + pack.pack.manifest.safety.healthCheckTimeoutSeconds
        let wait = Duration.seconds(limits) + Self.slack
        let row = try control.start([pack.id], wait: wait).first { $0.id == pack.id.text }
        guard let row, row.isWell else {
            throw Refusal(
                .unprocessable, code: "pack_not_ready",
                "\(pack.id) \(row.map { "is \($0.state.rawValue): \($0.detail)" } ?? "is not known to the core").",
                subject: pack.id.text, rule: "a pack is ready before its start timeout is over",
                remedy: "see what it wrote: aurora pack logs --pack \(pack.id)")
        }
    }

    package func check(_ pack: RunnablePack, within timeout: Duration) throws -> String? {
        var attempt: Int64?
        return try HealthGate.judge(within: timeout) { _ in
            let health = try control.health(pack.id)
            let row = try control.status().first { $0.id == pack.id.text }
            if let row, [.backoff, .quarantined].contains(row.state) { return .over("it ended: \(row.detail)") }
            // Started anew between two looks: it ended, whatever it says now.
            if let attempt, let row, row.attempt != attempt { return .over("it ended and was started again") }
            attempt = row?.attempt ?? attempt
            guard health.passed else { return .bad(health.detail) }
            return row?.isWell == true ? .good : .bad("it is not ready")
        }
    }

    package func finish() {}
}
