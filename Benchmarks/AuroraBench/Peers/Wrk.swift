/// One run of the load generator: 1 thread, 64 keep-alive connections.
struct Wrk {
    /// Answers each second.
    let rate: Double
    /// 99 of 100 answers came within this many seconds.
    let p99: Double

    /// Loads a server for `seconds`; answers other than 2xx are an error.
    static func run(_ bench: Bench, url: String, token: String, seconds: Int) throws -> Wrk {
        let said = try Tool.run(
            "wrk",
            [
                "-t1", "-c64", "-d\(seconds)s", "--timeout", "10s", "--latency", "-H",
                "Authorization: Bearer \(token)", url,
            ], core: bench.cores?.client, timeout: .seconds(seconds + 30))
        let lines = said.split(separator: "\n").map { String($0).trimmed }
        if let bad = lines.first(where: { $0.hasPrefix("Non-2xx") }) { throw BenchError("\(url): \(bad)") }
        guard
            let rate = lines.first(where: { $0.hasPrefix("Requests/sec:") })?.split(separator: " ").last,
            let p99 = lines.first(where: { $0.hasPrefix("99%") })?.split(separator: " ").last,
            let number = Double(rate), let time = duration(String(p99))
        else { throw BenchError("wrk said something else than expected: \(said.prefix(200))") }
        return Wrk(rate: number, p99: time)
    }

    /// `812.00us`, `1.20ms`, `2.00s` in seconds.
    private static func duration(_ text: String) -> Double? {
        for (suffix, factor) in [("us", 1e-6), ("ms", 1e-3), ("s", 1.0), ("m", 60.0)] where text.hasSuffix(suffix) {
            return Double(text.dropLast(suffix.count)).map { $0 * factor }
        }
        return nil
    }
}
