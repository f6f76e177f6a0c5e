package import AuroraModel
import AuroraRuntime
import Glibc

/// Stops, starts and judges packs through the core that keeps them running, from inside it or over its socket.
package struct CoreServices: PackServices {
    private let control: any PackControl

    /// Consecutive good checks, as where no core runs (``TemporaryServices``).
    private static let neededPasses = 2
    /// Microseconds between two checks.
    private static let pause: UInt32 = 200_000

    package init(_ control: any PackControl) { self.control = control }

    package func stop(_ packs: [PackID]) throws {
        guard !packs.isEmpty else { return }
        let grace = Duration.seconds(120)
        let left = try control.stop(packs, withDependants: false, wait: grace).filter { row in
            packs.contains { $0.text == row.id } && row.state != .stopped && row.state != .staged
        }
        guard left.isEmpty else {
            throw Refusal(
                .unavailable, code: "pack_survives",
                "These packs were not stopped within \(grace.components.seconds) seconds: "
                    + left.map { "\($0.id) is \($0.state.rawValue)" }.joined(separator: ", "),
                subject: left.first?.id ?? "", rule: "nothing is changed under a running pack",
                remedy: "see why: aurora pack status, aurora pack logs")
        }
    }

    package func start(_ pack: RunnablePack) throws {
        let service = pack.pack.manifest.service
        let wait = Duration.seconds(service.startTimeoutSeconds + pack.pack.manifest.safety.healthCheckTimeoutSeconds)
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
        let deadline = ContinuousClock.now + timeout
        var (passes, attempt) = (0, Int64?.none)
        while true {
            let health = try control.health(pack.id)
            let row = try control.status().first { $0.id == pack.id.text }
            if let row, [.backoff, .quarantined].contains(row.state) { return "it ended: \(row.detail)" }
            // Started anew between two looks: it ended, whatever it says now.
            if let attempt, let row, row.attempt != attempt { return "it ended and was started again" }
            attempt = row?.attempt ?? attempt
            passes = health.passed && row?.isWell == true ? passes + 1 : 0
            if passes == Self.neededPasses { return nil }
            if ContinuousClock.now >= deadline { return health.passed ? "it is not ready" : health.detail }
            usleep(Self.pause)
        }
    }

    package func finish() {}
}
