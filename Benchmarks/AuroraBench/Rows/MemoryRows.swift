import AuroraSystem
import Glibc

/// The memory of a hub that has nothing to do, alone and with many idle clients.
enum MemoryRows {
    static func run(_ bench: Bench) throws -> [ResultRow] {
        let folder = try bench.makeFolder("memory")
        let count = bench.isQuick ? 2000 : 10_000
        let hub = try BenchHub(bench, folder: folder, core: nil)
        defer { hub.server.stop() }
        let ours = try measure(hub.server, count, request: hub.rawRequest("/list"))
        let peer = try? measureNginx(bench, folder, count)
        let (idle, many) = (ours.idle, ours.many)
        return [
            ResultRow(
                "hub memory, idle (RSS)", ours: Unit.bytes.text(idle), peer: text(peer?.idle),
                ratio: times(idle, peer?.idle ?? 0), bar: "< 30 MiB", isMet: idle < 30 * 1_048_576),
            ResultRow(
                "hub memory, \(ours.opened) idle keep-alive clients (RSS)", ours: Unit.bytes.text(many),
                peer: text(peer?.many), ratio: times(many, peer?.many ?? 0), bar: "10,000: < 150 MiB",
                isMet: ours.opened < 10_000 ? nil : many < 150 * 1_048_576),
        ]
    }

    private struct Measured {
        let idle: Double
        let many: Double
        /// Connections that were answered and stay open.
        let opened: Int
    }

    private static func measure(_ server: ServerProcess, _ count: Int, request: String) throws -> Measured {
        let idle = server.memory("VmRSS")
        let sockets = Loopback.openIdle(count, to: server.port, request: request)
        defer { for socket in sockets { close(socket) } }
        guard sockets.count * 10 > count * 9 else {
            throw BenchError("only \(sockets.count) of \(count) connections were answered")
        }
        return Measured(idle: idle, many: server.memory("VmRSS"), opened: sockets.count)
    }

    private static func measureNginx(_ bench: Bench, _ folder: String, _ count: Int) throws -> Measured {
        let root = "\(folder)/www"
        try DurableFile.makeDirectory(root)
        try DurableFile.replace("\(root)/list", contents: Array("{\"staged\":[]}\n".utf8), mode: 0o644)
        let nginx = PeerServers.nginx(bench, root: root)
        defer { nginx.stop() }
        guard let server = nginx.server else { throw BenchError(nginx.cell("nginx", "")) }
        return try measure(server, count, request: "GET /list HTTP/1.1\r\nHost: localhost\r\n\r\n")
    }

    private static func text(_ bytes: Double?) -> String {
        bytes.map { "nginx, master + 1 worker: " + Unit.bytes.text($0) } ?? "nginx could not be measured"
    }
}
