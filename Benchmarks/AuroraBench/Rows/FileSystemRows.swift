import AuroraRuntime
import AuroraSystem
import Glibc

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
            // Apart, because a write of milliseconds leaves nothing of a read of microseconds in the processor.
            let writes = try race(count) { isOurs in
                if isOurs { try files.write(path, bytes) } else { try replace(bytes, plain) }
            }
            let reads = try race(count) { isOurs in
                let found = isOurs ? try files.read(path) : try readWhole(plain)
                guard found.count == size else { throw BenchError("\(found.count) bytes of \(size) were read") }
            }
            write.add(writes.ours)
            plainWrite.add(writes.peer)
            read.add(reads.ours)
            plainRead.add(reads.peer)
        }
        return [
            row("vfs write \(name), replacing", write, "open, write, rename", plainWrite),
            row("vfs read \(name)", read, "open, fstat, read", plainRead),
        ]
    }

    /// The median time of ours and of the peer, which take turns to go first: who goes second finds its memory warm.
    private static func race(_ count: Int, _ body: (_ isOurs: Bool) throws -> Void) rethrows -> (
        ours: Double, peer: Double
    ) {
        var ours = Samples(.seconds)
        var peer = Samples(.seconds)
        for number in 0..<count {
            for isOurs in number % 2 == 0 ? [true, false] : [false, true] {
                let taken = try seconds { try body(isOurs) }
                if isOurs { ours.add(taken) } else { peer.add(taken) }
            }
        }
        return (ours.median, peer.median)
    }

    private static func replace(_ bytes: [UInt8], _ folder: borrowing Descriptor) throws {
        let file = try folder.open("plain.new", [.writeOnly, .create, .exclusive], mode: 0o644)
        try bytes.withUnsafeBytes { try file.write(all: $0) }
        try file.close()
        try folder.renameEntry("plain.new", to: folder, "plain", replacing: true)
    }

    /// What a program does that has no file system of a pack: it asks how long the file is and reads that much.
    private static func readWhole(_ folder: borrowing Descriptor) throws -> [UInt8] {
        let file = try folder.open("plain", .readOnly)
        let size = Int(try file.stat().size)
        let number = file.rawValue
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = max(0, Glibc.read(number, buffer.baseAddress, size))
        }
    }

    private static func row(_ figure: String, _ ours: Samples, _ calls: String, _ peer: Samples) -> ResultRow {
        ResultRow(
            figure, ours: ours.text, peer: "\(calls): \(peer.text)", ratio: times(ours.median, peer.median),
            bar: "≤ 1.2×", isMet: ours.median <= 1.2 * peer.median)
    }
}
