import AuroraSystem
import Foundation

/// Staging through the real hub: hash, verify the signature, unpack in the sandbox, digest, make durable.
enum StageRows {
    static func run(_ bench: Bench) throws -> [ResultRow] {
        let folder = try bench.makeFolder("stage")
        let signer = try BenchSigner(folder: folder)
        defer { signer.stopAgent() }
        let hub = try BenchHub(bench, folder: folder, core: nil, signing: signer.section)
        defer { hub.server.stop() }
        // A quarter is saved by gzip, so this gives 200 MiB compressed.
        let unpacked = bench.isQuick ? 32 << 20 : 267 << 20
        let tree = "\(folder)/tree"
        try BenchTree.write(tree, files: 64, bytes: unpacked, .noise, version: 0)
        var staging = Samples(.seconds)
        var together = Samples(.seconds)
        var plain = Samples(.seconds)
        var (hash, child) = (Samples(.seconds), Samples(.bytes))
        var size = 0
        for round in 1...max(2, bench.rounds - 2) {
            let artifact = "\(folder)/bench-\(round).tar.gz"
            try pack(tree, round, artifact)
            size = Int(try FileStatus.of(artifact).size)
            try signer.sign(artifact)
            // Ours first in one round, the peer first in the next.
            if round % 2 == 0 { plain.add(try unpackPlainly(bench, artifact, folder)) }
            let (upload, stage, peak) = try send(bench, hub, artifact)
            staging.add(stage)
            child.add(peak)
            hash.add(try seconds { try Tool.run("openssl", ["dgst", "-sha256", artifact]) })
            together.add(upload + stage)
            if round % 2 == 1 { plain.add(try unpackPlainly(bench, artifact, folder)) }
            try FileTree.remove(artifact)
        }
        let name = "\(size >> 20) MiB tar.gz (\(unpacked >> 20) MiB unpacked, 64 files)"
        let peer = "sha256sum + tar xzf + sync -f: \(plain.text)"
        return [
            ResultRow(
                "stage \(name), upload apart", ours: staging.text, peer: peer,
                ratio: times(staging.median, plain.median), bar: "≤ 1.3×", isMet: staging.median <= 1.3 * plain.median),
            ResultRow(
                "the same with the upload", ours: together.text, peer: peer,
                ratio: times(together.median, plain.median)),
            ResultRow(
                "stage \(size >> 20) MiB against its digest alone", ours: staging.text,
                peer: "limit, openssl dgst -sha256: \(hash.text)", ratio: times(staging.median, hash.median)),
            ResultRow("hub's peak memory over these (VmHWM)", ours: Unit.bytes.text(hub.server.memory("VmHWM"))),
            ResultRow("unpacking child's peak memory (VmHWM)", ours: child.text),
        ]
    }

    /// Packs the tree; every round has its own version, so that nothing is staged twice.
    private static func pack(_ tree: String, _ round: Int, _ artifact: String) throws {
        try DurableFile.replace("\(tree)/VERSION", contents: Array("\(round)\n".utf8), mode: 0o644)
        try Tool.shell(
            #"cd "$1"; tar --owner=0 --group=0 --numeric-owner --sort=name -cf - * | gzip -1 >"$2""#, [tree, artifact])
    }

    /// - Returns: seconds of the upload, seconds of the stage alone, and the most memory of a child.
    private static func send(_ bench: Bench, _ hub: BenchHub, _ artifact: String) throws -> (Double, Double, Double) {
        let name = (artifact as NSString).lastPathComponent
        _ = try hub.upload("\(artifact).asc", as: "\(name).asc")
        try bench.settle()
        var digest = ""
        let upload = try seconds { digest = try hub.upload(artifact, as: name) }
        try bench.settle()
        var stage = 0.0
        let peak = try PeakWatch.children(of: hub.server) { stage = try seconds { try hub.stage(digest) } }
        return (upload, stage, peak)
    }

    /// What the bar compares with; `sync -f` waits for this file system only, which favours the peer.
    private static func unpackPlainly(_ bench: Bench, _ artifact: String, _ folder: String) throws -> Double {
        let place = "\(folder)/plain"
        try DurableFile.makeDirectory(place)
        defer { try? FileTree.remove(place) }
        try bench.settle()
        return try seconds {
            try Tool.shell(#"sha256sum "$1" >/dev/null; tar xzf "$1" -C "$2"; sync -f "$2""#, [artifact, place])
        }
    }
}
