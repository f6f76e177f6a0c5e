import AuroraSystem
import Foundation

/// Uploads and downloads of 256 MiB, and the most memory the hub needed for them.
enum TransferRows {
    static func run(_ bench: Bench) throws -> [ResultRow] {
        let folder = try bench.makeFolder("transfer")
        let root = "\(folder)/www"
        try DurableFile.makeDirectory(root)
        let file = "\(root)/large"
        let size = bench.isQuick ? 32 << 20 : 256 << 20
        let open = try Descriptor.open(file, [.readWrite, .create], mode: 0o644)
        try BenchTree.fill(open, size, seed: 99, mask: .max)
        let hub = try BenchHub(bench, folder: folder, core: bench.cores?.server)
        defer { hub.server.stop() }
        let nginx = PeerServers.nginx(bench, root: root)
        defer { nginx.stop() }
        var (upload, copy) = (Samples(.bytesPerSecond), Samples(.bytesPerSecond))
        var (download, sent) = (upload, copy)
        for round in 0..<bench.rounds {
            // Other bytes each time, or the hub would already have them.
            try open.pwrite(all: Array("round \(round)".utf8), at: 0)
            try bench.settle()
            let digest = try put(bench, hub, file, size, &upload)
            try bench.settle()
            copy.add(Double(size) / (try seconds { try hashAndCopy(file, "\(folder)/copy") }))
            let url = hub.updater("/api/v1/artifacts/\(digest)/content")
            download.add(try get(bench, url, token: hub.token, size: size))
            if let server = nginx.server {
                sent.add(try get(bench, "http://127.0.0.1:\(server.port)/large", token: hub.token, size: size))
            }
        }
        let peak = hub.server.memory("VmHWM")
        let ratio = sent.median > 0 ? download.median / sent.median : nil
        let name = "\(size >> 20) MiB"
        return [
            ResultRow(
                "upload \(name), hashed and durable", ours: upload.text,
                peer: "sha256sum + dd conv=fsync: \(copy.text)", ratio: times(upload.median, copy.median)),
            ResultRow(
                "download \(name) (curl)", ours: download.text,
                peer: nginx.cell("nginx sendfile", sent.text),
                ratio: times(download.median, sent.median), bar: "≥ 0.9 × nginx", isMet: ratio.map { $0 >= 0.9 }),
            ResultRow("hub's peak memory over these (VmHWM)", ours: Unit.bytes.text(peak)),
        ]
    }

    /// Uploads with curl; returns the digest.
    private static func put(
        _ bench: Bench, _ hub: BenchHub, _ file: String, _ size: Int, _ samples: inout Samples
    ) throws -> String {
        var said = ""
        let took = try seconds {
            said = try curl(
                bench, ["-T", file, "-H", "Expect:", hub.updater("/artifacts/large.bin")], token: hub.token)
        }
        samples.add(Double(size) / took)
        guard let start = said.range(of: "\"sha256\":\"") ?? said.range(of: "\"sha256\": \"") else {
            throw BenchError("the upload failed: \(said.prefix(200))")
        }
        return String(said[start.upperBound...].prefix(64))
    }

    /// Downloads with curl to nowhere; returns bytes each second.
    private static func get(_ bench: Bench, _ url: String, token: String, size: Int) throws -> Double {
        let said = try curl(
            bench, ["-o", "/dev/null", "-w", "%{size_download} %{time_total}", url], token: token)
        let numbers = said.split(separator: " ").compactMap { Double($0) }
        guard numbers.count == 2, Int(numbers[0]) == size else { throw BenchError("\(url): \(said.prefix(100))") }
        return numbers[0] / numbers[1]
    }

    private static func curl(_ bench: Bench, _ arguments: [String], token: String) throws -> String {
        try Tool.run(
            "curl", ["-q", "-sS", "--fail-with-body", "-H", "Authorization: Bearer \(token)"] + arguments,
            core: bench.cores?.client)
    }

    private static func hashAndCopy(_ file: String, _ copy: String) throws {
        try Tool.shell(#"sha256sum "$1" >/dev/null; dd if="$1" of="$2" bs=1M conv=fsync status=none"#, [file, copy])
    }
}
