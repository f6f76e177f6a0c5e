import AuroraSystem
import Foundation

/// One artifact of 4 GiB, uploaded and staged once: the memory must not grow with it (S-21, I-17).
enum LargeRows {
    static func run(_ bench: Bench) throws -> [ResultRow] {
        let folder = try bench.makeFolder("large")
        let signer = try BenchSigner(folder: folder)
        defer { signer.stopAgent() }
        let hub = try BenchHub(bench, folder: folder, core: nil, signing: signer.section)
        defer { hub.server.stop() }
        let artifact = "\(folder)/large.tar"
        let size = try pack(bench, folder, artifact)
        try signer.sign(artifact)
        _ = try hub.upload("\(artifact).asc", as: "large.tar.asc")
        let before = hub.server.memory("VmHWM")
        try bench.settle()
        var digest = ""
        let upload = try seconds { digest = try hub.upload(artifact, as: "large.tar") }
        let uploaded = hub.server.memory("VmHWM")
        try bench.settle()
        var stage = 0.0
        let child = try PeakWatch.children(of: hub.server) { stage = try seconds { try hub.stage(digest) } }
        let staged = hub.server.memory("VmHWM")
        try bench.settle()
        let plain = try seconds {
            try Tool.shell(
                #"mkdir "$2"; sha256sum "$1" >/dev/null; tar xf "$1" -C "$2"; sync -f "$2""#,
                [artifact, "\(folder)/plain"], timeout: .seconds(1800))
        }
        return rows(
            Double(size), upload: upload, stage: stage, plain: plain, memory: (before, uploaded, staged), child: child)
    }

    private static func rows(
        _ size: Double, upload: Double, stage: Double, plain: Double, memory: (Double, Double, Double), child: Double
    ) -> [ResultRow] {
        func speed(_ time: Double) -> String {
            "\(Unit.seconds.text(time)), \(Unit.bytesPerSecond.text(size / time))"
        }
        let (before, uploaded, staged) = memory
        let name = "\(Int(size) >> 20) MiB tar"
        return [
            ResultRow("upload \(name), hashed and durable, once", ours: speed(upload)),
            ResultRow(
                "stage \(name), once", ours: speed(stage), peer: "sha256sum + tar xf + sync -f: \(speed(plain))",
                ratio: times(stage, plain)),
            ResultRow(
                "hub's peak memory after the upload (VmHWM)", ours: Unit.bytes.text(uploaded),
                peer: "before: \(Unit.bytes.text(before))", ratio: times(uploaded, before)),
            ResultRow(
                "hub's peak memory after the stage (VmHWM)", ours: Unit.bytes.text(staged),
                peer: "before: \(Unit.bytes.text(before))", ratio: times(staged, before)),
            ResultRow("unpacking child's peak memory (VmHWM)", ours: Unit.bytes.text(child)),
        ]
    }

    /// Packs four files of noise; the tree goes at once, so that the disk holds it only where it is staged.
    private static func pack(_ bench: Bench, _ folder: String, _ artifact: String) throws -> Int {
        let tree = "\(folder)/tree"
        try BenchTree.write(tree, files: 4, bytes: bench.isQuick ? 1 << 30 : 4 << 30, .noise, version: 1)
        try Tool.shell(
            #"cd "$1"; tar --owner=0 --group=0 --numeric-owner --sort=name -cf "$2" *"#, [tree, artifact],
            timeout: .seconds(1800))
        try FileTree.remove(tree)
        return Int(try FileStatus.of(artifact).size)
    }
}
