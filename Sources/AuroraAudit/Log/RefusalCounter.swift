import AuroraDatabase
import AuroraModel
import AuroraSystem
import Synchronization

/// Counts refusals before login, so that a flood of them makes few entries and few flushes to disk.
///
/// The counts live in rows; memory holds only what was not saved within the last second.
final class RefusalCounter: Sendable {
    /// The most sources told apart in one minute; the rest is counted as ``others``.
    private static let sourceLimit = 1_000
    private static let others = "others"
    private static let saveInterval: Int64 = 1_000

    private struct Key: Hashable {
        let source: String
        let minute: Int64
        let code: String
    }

    private struct State {
        var minute: Int64 = 0
        var sources: Set<String> = []
        var unsaved: [Key: Int64] = [:]
        var lastSave: Int64 = 0

        mutating func takeUnsaved() -> [AuditStore.RefusalCount] {
            defer { unsaved = [:] }
            return unsaved.map { key, count in
                AuditStore.RefusalCount(source: key.source, minute: key.minute, code: key.code, count: count)
            }
        }

        mutating func add(_ counts: [AuditStore.RefusalCount]) {
            for count in counts {
                unsaved[Key(source: count.source, minute: count.minute, code: count.code), default: 0] += count.count
            }
        }
    }

    private let database: Database
    private let clock: WallClock
    private let state = Mutex(State())

    init(database: Database, clock: WallClock) {
        self.database = database
        self.clock = clock
    }

    func count(source: String, code: String) throws {
        let now = clock.now()
        let (counts, isNewMinute) = state.withLock { state in
            let isNewMinute = begin(now / 60_000, in: &state)
            let isFirst = add(source, code, to: &state)
            guard isFirst || now - state.lastSave >= Self.saveInterval else {
                return ([AuditStore.RefusalCount](), isNewMinute)
            }
            state.lastSave = now
            return (state.takeUnsaved(), isNewMinute)
        }
        try save(counts, flushingBefore: isNewMinute ? now / 60_000 : nil)
    }

    /// Counts in memory only; what is not flushed by then is lost with the process.
    func note(source: String, code: String) {
        let now = clock.now()
        state.withLock { state in
            _ = begin(now / 60_000, in: &state)
            _ = add(source, code, to: &state)
        }
    }

    func flush(all: Bool) throws {
        let minute = clock.now() / 60_000
        let counts = state.withLock { state in
            _ = begin(minute, in: &state)
            return state.takeUnsaved()
        }
        try save(counts, flushingBefore: all ? .max : minute)
    }

    /// Adds one refusal; true for the first one that was counted for its source in this minute.
    private func add(_ source: String, _ code: String, to state: inout State) -> Bool {
        let isKnown = state.sources.contains(source)
        let name = isKnown || state.sources.count < Self.sourceLimit ? source : Self.others
        state.unsaved[Key(source: name, minute: state.minute, code: code), default: 0] += 1
        return state.sources.insert(name).inserted
    }

    /// Begins a new minute if it is one.
    private func begin(_ minute: Int64, in state: inout State) -> Bool {
        guard minute != state.minute else { return false }
        state.minute = minute
        state.sources = []
        return true
    }

    /// Saves counts and turns those of past minutes into entries, in one transaction.
    private func save(_ counts: [AuditStore.RefusalCount], flushingBefore minute: Int64?) throws {
        guard !counts.isEmpty || minute != nil else { return }
        let time = Timestamp(milliseconds: clock.now())
        do {
            try database.write { transaction in
                let store = AuditStore(transaction)
                try store.addRefusals(counts)
                guard let minute else { return }
                for entry in Self.entries(of: try store.takeRefusals(before: minute), time: time) {
                    _ = try store.append(EntryFitting.bytes(of: entry))
                }
            }
        } catch {
            state.withLock { $0.add(counts) }
            throw error
        }
    }

    /// One entry for each source and minute.
    private static func entries(of counts: [AuditStore.RefusalCount], time: Timestamp) -> [AuditEntry] {
        var groups: [[AuditStore.RefusalCount]] = []
        for count in counts {
            if let last = groups.last?.first, last.source == count.source, last.minute == count.minute {
                groups[groups.count - 1].append(count)
            } else {
                groups.append([count])
            }
        }
        return groups.map { group in
            let total = group.reduce(0) { $0 + $1.count }
            let minute = Timestamp(seconds: group[0].minute * 60)
            var details = group.map { AuditEntry.Detail("code." + $0.code, String($0.count)) }
            details += [AuditEntry.Detail("count", String(total)), AuditEntry.Detail("minute", minute.rfc3339)]
            return AuditEntry(
                time: time, actor: .nobody(at: group[0].source),
                action: AuditAct.accessRefuse.rawValue, subject: group[0].source,
                outcome: .refused(code: group.count == 1 ? group[0].code : "several"), details: details)
        }
    }
}
