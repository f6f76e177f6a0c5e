import AuroraHTTP
import AuroraModel

/// What machines ask about the hub itself.
struct ServiceRoutes {
    let hub: any ServiceState
    let metrics: Metrics

    var routes: [Route] { [health, scrape] }

    private var health: Route {
        Route(
            .get, "/healthz", on: [.updater, .dashboard], .open, "Whether the hub can do its work.",
            responses: [.ok("Health"), RouteResponse(503, "It cannot at the moment.", "Health")]
        ) { [hub] _ in
            let isReady = hub.isHealthy
            let troubles = isReady ? hub.troubles : []
            let status = isReady ? troubles.isEmpty ? "ok" : "degraded" : "unready"
            return .json(
                [
                    "status": .string(status), "version": .string(Hub.version), "ready": .bool(isReady),
                    "log": .string(hub.log), "troubles": JSONValue(troubles),
                ], status: isReady ? 200 : 503)
        }
    }

    private var scrape: Route {
        Route(
            .get, "/metrics", on: [.updater, .dashboard], .right(.read), "Counters in the Prometheus text format.",
            responses: [RouteResponse(200, "The exposition.", contentType: "text/plain")]
        ) { [hub, metrics] _ in
            HTTPResponse(
                text: metrics.text(gauges: try hub.gauges()),
                contentType: "text/plain; version=0.0.4; charset=utf-8")
        }
    }
}

/// What the service routes need to know about the running hub.
protocol ServiceState: Sendable {
    /// Whether the database can be read and the disk has room.
    var isHealthy: Bool { get }
    /// What a person should look at although the hub works: `unwritten_ends`, `target_degraded`.
    var troubles: [String] { get }
    /// The name of the hub's audit log.
    var log: String { get }
    func gauges() throws -> [Gauge]
}
