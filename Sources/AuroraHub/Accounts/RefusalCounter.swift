import Synchronization

/// Counts refusals of strangers, so that the audit log gets one entry per source and minute instead of one per try.
///
/// Whoever floods the hub without being logged in must not be able to fill the log (and the disk) with it.
final class RefusalCounter: Sendable {
    /// What one source was refused in one minute.
    struct Line: Hashable, Sendable {
        let address: String
        /// Milliseconds since 1970 of the first refusal.
        var first: Int64
        var count: Int
        /// How often each problem code was the answer.
        var codes: [String: Int]
    }

    private let lines = Mutex<[String: Line]>([:])
    private static let capacity = 10_000
    /// Sources beyond the capacity are counted together under this name.
    private static let others = "others"

    func count(address: String, code: String, now: Int64) {
        lines.withLock { lines in
            let key = lines[address] == nil && lines.count >= Self.capacity ? Self.others : address
            var line = lines[key] ?? Line(address: key, first: now, count: 0, codes: [:])
            line.count += 1
            if line.codes[code] != nil || line.codes.count < 16 { line.codes[code, default: 0] += 1 }
            lines[key] = line
        }
    }

    /// The lines whose minute is over, or all of them; they are forgotten here.
    func take(now: Int64, all: Bool = false) -> [Line] {
        lines.withLock { lines in
            let ripe = lines.values.filter { all || now - $0.first >= 60_000 }
            for line in ripe { lines[line.address] = nil }
            return ripe.sorted { $0.first < $1.first }
        }
    }
}
