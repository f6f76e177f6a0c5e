package import AuroraSystem
import Glibc

/// Reads the ring of one service, while it is written or when nobody writes it.
///
/// Only whole lines are given: one that is being written, or that a kill tore, is not there yet. Safe from any thread.
package struct LogReader: Hashable, Sendable {
    /// Where a reader that goes on later stands.
    package struct Position: Hashable, Sendable {
        var file: Int
        var offset: Int64
    }

    /// Most lines of one answer.
    package static let most = 10_000
    /// Most bytes read for one answer.
    private static let window: Int64 = 4 << 20
    private let folder: String

    package init(folder: String) { self.folder = folder }

    /// The last `count` lines, at most ``most``, oldest first, and where the next one will stand.
    package func tail(_ count: Int) throws(SystemError) -> (lines: [LogLine], next: Position) {
        let numbers = try files()
        var lines: [LogLine] = []
        var next = Position(file: numbers.last ?? 1, offset: 0)
        var budget = Self.window
        for number in numbers.reversed() {
            guard lines.count < count, budget > 0 else { break }
            guard let file = try open(number) else { continue }
            let size = try file.stat().size
            let start = max(0, size - budget)
            budget -= size - start
            let (found, end) = Self.split(try file.pread(Int(size - start), at: start), isStart: start == 0)
            if number == numbers.last { next.offset = start + Int64(end) }
            lines = found + lines
        }
        return (Array(lines.suffix(max(0, min(count, Self.most)))), next)
    }

    /// The lines from `position` on, at most 1 MiB of them, and where to go on.
    package func read(from position: Position) throws(SystemError) -> (lines: [LogLine], next: Position) {
        var position = position
        while true {
            if let file = try open(position.file) {
                let bytes = try file.pread(1 << 20, at: position.offset)
                let (lines, end) = Self.split(bytes, isStart: true)
                position.offset += Int64(end)
                if !lines.isEmpty || end > 0 { return (lines, position) }
            }
            guard let later = try files().first(where: { $0 > position.file }) else { return ([], position) }
            position = Position(file: later, offset: 0)
        }
    }

    private func files() throws(SystemError) -> [Int] {
        do throws(SystemError) {
            return try LogRing.numbers(in: folder)
        } catch  where error.isMissing {
            return []
        }
    }

    private func open(_ number: Int) throws(SystemError) -> Descriptor? {
        do throws(SystemError) {
            return try Descriptor.open(LogRing.path(folder, number), [.readOnly, .noFollow])
        } catch  where error.isMissing {
            return nil
        }
    }

    /// The whole lines of `bytes`, and where the last one ends.
    ///
    /// - Parameter isStart: whether the first byte begins a line.
    private static func split(_ bytes: [UInt8], isStart: Bool) -> (lines: [LogLine], end: Int) {
        guard let last = bytes.lastIndex(of: 10) else { return ([], 0) }
        var parts = bytes[..<last].split(separator: 10, omittingEmptySubsequences: true)
        if !isStart, !parts.isEmpty { parts.removeFirst() }
        return (parts.compactMap { LogLine(bytes: Array($0)) }, last + 1)
    }
}

extension SystemError {
    fileprivate var isMissing: Bool { errno == ENOENT }
}
