import Synchronization

/// Shows how far something is: a bar on a terminal, a line per step where there is none.
final class Progress: Sendable {
    private struct State {
        var lastStep = ""
        var lastTenth = -1
    }

    private let console: Console
    private let title: String
    private let state = Mutex(State())

    /// Progress of what `title` names.
    init(_ title: String, on console: Console) {
        self.console = console
        self.title = title
    }

    /// Tells how much of `total` is done; a total of 0 means nobody knows.
    func update(done: Int64, total: Int64, step: String = "", unit: Unit = .count) {
        console.isLive
            ? console.redraw(line(done: done, total: total, step: step, unit: unit))
            : tellChange(done: done, total: total, step: step, unit: unit)
    }

    /// What is counted.
    enum Unit {
        case bytes
        case count
    }

    private func line(done: Int64, total: Int64, step: String, unit: Unit) -> String {
        let tail = step.isEmpty ? "" : "  " + step.onOneLine
        guard total > 0 else { return String("\(title)\(tail)".prefix(console.width - 1)) }
        let cells = 20
        let full = Int(min(done, total) * Int64(cells) / total)
        let bar = String(repeating: "#", count: full) + String(repeating: "-", count: cells - full)
        return String("\(title)  [\(bar)]  \(amount(done, total, unit))\(tail)".prefix(console.width - 1))
    }

    /// Without a terminal: one line when the step changes, or at every tenth of a long upload.
    private func tellChange(done: Int64, total: Int64, step: String, unit: Unit) {
        let tenth = total > 0 ? Int(min(done, total) * 10 / total) : 0
        let isNews = state.withLock { state in
            let isNews = step != state.lastStep || (unit == .bytes && total > 8_000_000 && tenth != state.lastTenth)
            state.lastStep = step
            state.lastTenth = tenth
            return isNews
        }
        guard isNews else { return }
        console.note([title, step.onOneLine, amount(done, total, unit)].filter { !$0.isEmpty }.joined(separator: "  "))
    }

    private func amount(_ done: Int64, _ total: Int64, _ unit: Unit) -> String {
        guard total > 0 else { return "" }
        switch unit {
        case .bytes: return "\(ByteCount.text(done)) of \(ByteCount.text(total))"
        case .count: return "\(done)/\(total)"
        }
    }
}

/// Sizes for people.
enum ByteCount {
    /// Such as `312 B`, `4.1 KiB`, `18.2 MiB`.
    static func text(_ bytes: Int64) -> String {
        let units = ["KiB", "MiB", "GiB", "TiB"]
        guard bytes >= 1024 else { return "\(bytes) B" }
        var tenths = bytes * 10 / 1024
        var unit = 0
        while tenths >= 10240, unit < units.count - 1 {
            tenths /= 1024
            unit += 1
        }
        return "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }
}
