import AuroraSystem
import Glibc

/// Files of whole lines in one folder, `1.jsonl`, `2.jsonl`, …, of which the oldest are removed.
///
/// For one thread. Lines survive the end of the process when ``append(_:)`` has returned, a power cut only once the kernel
/// has written them. A line that a kill tore is cut off when the ring is opened again.
struct LogRing: ~Copyable {
    private let folder: String
    private let limits: LogLimits
    private var file: Descriptor
    private var number: Int
    private var size: Int64

    /// Opens the ring, making its folder (mode 0700).
    init(folder: String, limits: LogLimits) throws(SystemError) {
        try FileTree.makeFolders(folder, mode: 0o700)
        let number = try LogRing.numbers(in: folder).last ?? 1
        let file = try LogRing.open(folder, number)
        let size = try LogRing.cutTornLine(file)
        self.init(folder: folder, limits: limits, file: file, number: number, size: size)
    }

    private init(folder: String, limits: LogLimits, file: consuming Descriptor, number: Int, size: Int64) {
        self.folder = folder
        self.limits = limits
        self.file = file
        self.number = number
        self.size = size
    }

    /// The numbers of the files in the folder, oldest first.
    static func numbers(in folder: String) throws(SystemError) -> [Int] {
        try DirectoryNames.read(in: folder).compactMap { name in
            guard let text = name.text, text.hasSuffix(".jsonl") else { return nil }
            return Int(text.dropLast(6)).flatMap { $0 > 0 && "\($0).jsonl" == text ? $0 : nil }
        }.sorted()
    }

    static func path(_ folder: String, _ number: Int) -> String { "\(folder)/\(number).jsonl" }

    private static func open(_ folder: String, _ number: Int) throws(SystemError) -> Descriptor {
        try Descriptor.open(path(folder, number), [.readWrite, .create, .append, .noFollow])
    }

    /// Removes what stands behind the last line end; lines are bounded, so the end of the file is enough to look at.
    private static func cutTornLine(_ file: borrowing Descriptor) throws(SystemError) -> Int64 {
        let size = try file.stat().size
        var end = size
        while end > 0 {
            let start = max(0, end - 64 << 10)
            let part = try file.pread(Int(end - start), at: start)
            if let newline = part.lastIndex(of: 10) {
                end = start + Int64(newline) + 1
                break
            }
            end = start
        }
        if end != size { try file.truncate(to: end) }
        return end
    }

    /// Adds lines, each with its line end, going on to the next file when the present one is full.
    mutating func append(_ lines: [UInt8]) throws(SystemError) {
        if size > 0, size + Int64(lines.count) > Int64(limits.fileBytes) { try turn() }
        do throws(SystemError) {
            try file.write(all: lines)
        } catch {
            // Half a line must not stand before the next one.
            try? file.truncate(to: size)
            throw error
        }
        size += Int64(lines.count)
    }

    private mutating func turn() throws(SystemError) {
        file = try LogRing.open(folder, number + 1)
        number += 1
        size = 0
        for old in try LogRing.numbers(in: folder) where old <= number - max(1, limits.files) {
            unlink(LogRing.path(folder, old))
        }
    }
}
