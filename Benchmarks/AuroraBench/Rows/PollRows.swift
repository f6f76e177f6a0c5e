import AuroraSystem

/// `GET /list` with a token, as updaters poll, with few and with many staged releases.
enum PollRows {
    static func run(_ bench: Bench) throws -> [ResultRow] {
        let folder = try bench.makeFolder("poll")
        let few = try PolledHub(bench, "\(folder)/few", entries: 10)
        defer { few.stop() }
        let many = try PolledHub(bench, "\(folder)/many", entries: bench.isQuick ? 20_000 : 100_000)
        defer { many.stop() }
        return try lists(bench, few, bar: true) + lists(bench, many, bar: false) + pages(bench, few, many)
            + starts(few, many)
    }

    /// The whole list on the updater's port, against web servers with a file of the same bytes.
    private static func lists(_ bench: Bench, _ hub: PolledHub, bar: Bool) throws -> [ResultRow] {
        let nginx = PeerServers.nginx(bench, root: hub.files)
        defer { nginx.stop() }
        let python = PeerServers.python(bench, root: hub.files)
        defer { python.stop() }
        var ours = Load()
        var first = Load()
        var second = Load()
        for _ in 0..<max(2, bench.rounds - 2) {
            try ours.add(bench, hub.hub.updater("/list"), hub.hub.token)
            if let server = nginx.server { try first.add(bench, "http://127.0.0.1:\(server.port)/list", hub.hub.token) }
            if let server = python.server {
                try second.add(bench, "http://127.0.0.1:\(server.port)/list", hub.hub.token)
            }
        }
        let ratio = first.rate.median > 0 ? ours.rate.median / first.rate.median : nil
        let size = hub.listBytes < 10_000 ? "\(hub.listBytes) B" : Unit.bytes.text(Double(hub.listBytes))
        let figure = "GET /list, \(hub.entries) staged (\(size))"
        var rows = [
            ResultRow(
                figure, ours: ours.text, peer: nginx.cell("nginx", first.text),
                ratio: times(ours.rate.median, first.rate.median), bar: "≥ 0.5 × nginx (aim)",
                isMet: ratio.map { $0 >= 0.5 }),
            ResultRow(
                figure, ours: ours.text,
                peer: python.cell("http.server", second.text),
                ratio: times(ours.rate.median, second.rate.median)),
        ]
        guard bar else { return rows }
        let isMet = ours.rate.median >= 8000 && ours.p99.median < 0.01
        rows.append(
            ResultRow(
                "\(figure), floor", ours: ours.text, peer: nginx.cell("nginx", first.text),
                bar: "≥ 8,000/s and p99 < 10 ms", isMet: isMet))
        return rows
    }

    /// What many entries cost the hub before anybody asks for them.
    private static func starts(_ few: PolledHub, _ many: PolledHub) -> [ResultRow] {
        let (left, right) = (many.hub.server, few.hub.server)
        return [
            ResultRow(
                "hub start until it answers, \(many.entries) staged", ours: Unit.seconds.text(left.startTime),
                peer: "with \(few.entries) staged: \(Unit.seconds.text(right.startTime))",
                ratio: times(left.startTime, right.startTime)),
            ResultRow(
                "hub memory after its start, \(many.entries) staged (RSS)", ours: Unit.bytes.text(many.memory),
                peer: "with \(few.entries) staged: \(Unit.bytes.text(few.memory))",
                ratio: times(many.memory, few.memory)),
            ResultRow(
                "the same after all these lists and pages (RSS)", ours: Unit.bytes.text(left.memory("VmRSS")),
                peer: "with \(few.entries) staged: \(Unit.bytes.text(right.memory("VmRSS")))",
                ratio: times(left.memory("VmRSS"), right.memory("VmRSS"))),
        ]
    }

    /// A page of the list with all facts on the operators' port: must not depend on how many there are.
    private static func pages(_ bench: Bench, _ few: PolledHub, _ many: PolledHub) throws -> [ResultRow] {
        var left = Load()
        var right = Load()
        for _ in 0..<max(2, bench.rounds - 2) {
            try left.add(bench, many.hub.dashboard("/api/v1/releases?limit=10"), many.hub.token)
            try right.add(bench, few.hub.dashboard("/api/v1/releases?limit=10"), few.hub.token)
        }
        return [
            ResultRow(
                "GET /api/v1/releases?limit=10, \(many.entries) staged", ours: left.text,
                peer: "the same with 10 staged: \(right.text)", ratio: times(left.rate.median, right.rate.median),
                bar: "p99 < 200 ms (list of 100,000)", isMet: left.p99.median < 0.2)
        ]
    }
}

/// A hub with a number of staged releases, and the bytes of its list as a file.
private final class PolledHub {
    let hub: BenchHub
    let entries: Int
    /// The folder that holds the file `list`.
    let files: String
    let listBytes: Int
    /// Resident bytes before anybody asked for a list.
    let memory: Double

    init(_ bench: Bench, _ folder: String, entries: Int) throws {
        self.entries = entries
        files = "\(folder)/www"
        try DurableFile.makeDirectory(folder)
        try DurableFile.makeDirectory(files)
        try SeedStore.seed(entries, state: "\(folder)/state")
        hub = try BenchHub(bench, folder: folder, core: bench.cores?.server)
        memory = hub.server.memory("VmRSS")
        do {
            let list = try hub.send("GET", hub.updater("/list"))
            listBytes = list.count
            try DurableFile.replace("\(files)/list", contents: list, mode: 0o644)
        } catch {
            hub.server.stop()
            throw error
        }
    }

    func stop() { hub.server.stop() }
}

/// The runs of the load generator against one server.
private struct Load {
    var rate = Samples(.rate)
    var p99 = Samples(.seconds)

    mutating func add(_ bench: Bench, _ url: String, _ token: String) throws {
        let run = try Wrk.run(bench, url: url, token: token, seconds: bench.isQuick ? 1 : 3)
        rate.add(run.rate)
        p99.add(run.p99)
    }

    var text: String { "\(rate.text), p99 \(p99.unit.text(p99.median))" }
}
