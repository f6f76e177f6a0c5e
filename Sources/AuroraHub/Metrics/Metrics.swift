import Synchronization

/// Counts what the hub does, for `/metrics` in the Prometheus text format.
///
/// Labels come from the route table and from status codes, never from what a client wrote, so their number is bounded.
/// Safe from any thread.
final class Metrics: Sendable {
    private struct Key: Hashable {
        let route: String
        let status: Int
    }

    private struct State {
        var requests: [Key: Int64] = [:]
        /// Upper bounds in seconds, as in the Prometheus client's default, and how many requests fell at or below each.
        var buckets: [Int64] = Array(repeating: 0, count: Metrics.bounds.count)
        var seconds = 0.0
        var count: Int64 = 0
        var refusals: [String: Int64] = [:]
        var bytesReceived: Int64 = 0
    }

    private static let bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
    private let state = Mutex(State())

    init() {}

    func finished(route: String, status: Int, duration: Duration) {
        let seconds = duration / .seconds(1)
        state.withLock { state in
            state.requests[Key(route: route, status: status), default: 0] += 1
            state.count += 1
            state.seconds += seconds
            for (index, bound) in Self.bounds.enumerated() where seconds <= bound { state.buckets[index] += 1 }
        }
    }

    func refused(code: String) {
        state.withLock { $0.refusals[code, default: 0] += 1 }
    }

    /// Counted apart, in one step, because polls answered on the socket thread must cost next to nothing.
    func answeredFast(route: String) {
        state.withLock { state in
            state.requests[Key(route: route, status: 200), default: 0] += 1
            state.count += 1
            for index in Self.bounds.indices { state.buckets[index] += 1 }
        }
    }

    /// The exposition text; `gauges` are read from the hub at the moment of the scrape.
    func text(gauges: [Gauge]) -> String {
        let state = state.withLock { $0 }
        var text = Self.head("aurora_http_requests_total", "counter", "Requests answered, by route and status.")
        for (key, count) in state.requests.sorted(by: { ($0.key.route, $0.key.status) < ($1.key.route, $1.key.status) })
        {
            text += "aurora_http_requests_total{route=\"\(key.route)\",status=\"\(key.status)\"} \(count)\n"
        }
        text += Self.head("aurora_http_refusals_total", "counter", "Refused requests, by problem code.")
        for (code, count) in state.refusals.sorted(by: { $0.key < $1.key }) {
            text += "aurora_http_refusals_total{code=\"\(code)\"} \(count)\n"
        }
        text += Self.head("aurora_http_request_duration_seconds", "histogram", "Time to make an answer.")
        for (index, bound) in Self.bounds.enumerated() {
            text += "aurora_http_request_duration_seconds_bucket{le=\"\(bound)\"} \(state.buckets[index])\n"
        }
        text += "aurora_http_request_duration_seconds_bucket{le=\"+Inf\"} \(state.count)\n"
        text += "aurora_http_request_duration_seconds_sum \(state.seconds)\n"
        text += "aurora_http_request_duration_seconds_count \(state.count)\n"
        for gauge in gauges {
            text += Self.head(gauge.name, gauge.kind, gauge.help)
            for (labels, value) in gauge.values {
                text += gauge.name + (labels.isEmpty ? "" : "{\(labels)}") + " \(value)\n"
            }
        }
        return text
    }

    private static func head(_ name: String, _ kind: String, _ help: String) -> String {
        "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
    }
}

/// A value that is looked up when somebody asks.
struct Gauge: Sendable {
    let name: String
    var kind = "gauge"
    let help: String
    /// Label text such as `domain="core"` (empty for none) and the value.
    let values: [(labels: String, value: Int64)]

    init(_ name: String, kind: String = "gauge", _ help: String, _ values: [(labels: String, value: Int64)]) {
        self.name = name
        self.kind = kind
        self.help = help
        self.values = values
    }

    init(_ name: String, kind: String = "gauge", _ help: String, _ value: Int64) {
        self.init(name, kind: kind, help, [("", value)])
    }
}
