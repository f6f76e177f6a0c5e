import AuroraRuntime
import AuroraSystem

/// A pack's file system against the same work with plain descriptor calls on the same disk.
///
/// The peer replaces a file as safely as ours does: a new file, written, renamed over the old one.
enum FileSystemRows {
    static func run(_ bench: Bench) throws -> [ResultRow] {
        let folder = try bench.makeFolder("vfs")
        let quota = FileUsage(bytes: 1 << 40, files: 1_000_000)
        let files = try VirtualFileSystem(root: folder, quota: quota)
        try files.makeDirectory(try VirtualPath("data"))
        let plain = try Descriptor.open("\(folder)/data", [.readOnly, .directory])
        return try [(64 << 10, "64 KiB"), (1 << 20, "1 MiB")].flatMap { size, name in
            try rows(bench, files, plain, size: size, name: name)
        }
    }

    private static func rows(
        _ bench: Bench, _ files: VirtualFileSystem, _ plain: borrowing Descriptor, size: Int, name: String
    ) throws -> [ResultRow] {
        let bytes = [UInt8](repeating: 0x5A, count: size)
        let path = try VirtualPath("data/ours")
        let count = bench.isQuick ? 100 : 500
        var (write, plainWrite, read, plainRead) = (
            Samples(.seconds), Samples(.seconds), Samples(.seconds), Samples(.seconds)
        )
        for _ in 0..<bench.rounds {
            try bench.settle()
            var sums = [0.0, 0, 0, 0]
            for _ in 0..<count {
                sums[0] += try seconds { try files.write(path, bytes) }
                sums[1] += try seconds { try replace(bytes, plain) }
                sums[2] += try seconds { _ = try files.read(path) }
                sums[3] += try seconds { _ = try plain.open("plain", .readOnly).pread(size, at: 0) }
            }
            write.add(sums[0] / Double(count))
            plainWrite.add(sums[1] / Double(count))
            read.add(sums[2] / Double(count))
            plainRead.add(sums[3] / Double(count))
        }
        return [
            row("vfs write \(name), replacing", write, "open, write, rename", plainWrite),
            row("vfs read \(name)", read, "open, pread", plainRead),
        ]
    }

    private static func replace(_ bytes: [UInt8], _ folder: borrowing Descriptor) throws {
        let file = try folder.open("plain.new", [.writeOnly, .create, .exclusive], mode: 0o644)
        try bytes.withUnsafeBytes { try file.write(all: $0) }
        try file.close()
        try folder.renameEntry("plain.new", to: folder, "plain", replacing: true)
    }

    private static func row(_ figure: String, _ ours: Samples, _ calls: String, _ peer: Samples) -> ResultRow {
        ResultRow(
            figure, ours: ours.text, peer: "\(calls): \(peer.text)", ratio: times(ours.median, peer.median),
            bar: "≤ 1.2×", isMet: ours.median <= 1.2 * peer.median)
    }
}
