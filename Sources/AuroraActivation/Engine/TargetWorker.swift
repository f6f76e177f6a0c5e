import AuroraModel
import AuroraSystem
import Synchronization

/// The state and the files of one target in the hands of the one operation that runs on it.
///
/// Invariant that makes `@unchecked Sendable` true: the engine hands the worker to one thread at a time (its `exclusive`
/// flag); only `published` is read by others, and that is a `Mutex`.
final class TargetWorker: @unchecked Sendable {
    let layout: TargetLayout
    let kind: TargetKind
    let store: TreeStore
    let switcher: Switcher
    let clock: WallClock
    let keep: Int
    /// A copy of the state for readers.
    let published: Mutex<TargetState>
    private(set) var state = TargetState()
    private(set) var droppedJournalBytes = 0
    private var journal: Journal
    /// Whether the records on disk may say more than `state`: set by a failed append, cleared by reading again.
    private(set) var mustRecover = true
    /// Whether recovery has run once since the start; from then on a failed append is healed by the next operation.
    private var hasRecovered = false

    init(layout: TargetLayout, kind: TargetKind, keep: Int, clock: WallClock) throws {
        self.layout = layout
        self.kind = kind
        self.keep = max(1, keep)
        self.clock = clock
        store = TreeStore(layout: layout)
        switcher = Switcher(layout: layout, kind: kind)
        var contents = Journal.Contents()
        journal = try Journal(path: layout.journal, target: layout.path, contents: &contents)
        droppedJournalBytes = contents.droppedBytes
        state = try Self.fold(contents.payloads, target: layout.path)
        published = Mutex(state)
    }

    /// Reads the journal again from disk; what it says is the truth, not what this process remembers.
    func reload() throws {
        var contents = Journal.Contents()
        mustRecover = true
        journal = try Journal(path: layout.journal, target: layout.path, contents: &contents)
        droppedJournalBytes += contents.droppedBytes
        state = try Self.fold(contents.payloads, target: layout.path)
        let copy = state
        published.withLock { $0 = copy }
    }

    /// Nothing more may be done before the journal was read again.
    func requireRecovery() { mustRecover = true }

    func recovered() {
        mustRecover = false
        hasRecovered = true
        droppedJournalBytes = 0
    }

    /// Writes a record durably, then takes it into the state.
    func append(_ record: JournalRecord) throws {
        do {
            try journal.append(record.payload)
        } catch {
            mustRecover = true
            throw systemError(error, "writing the journal")
        }
        state.apply(record)
        let copy = state
        published.withLock { $0 = copy }
    }

    /// Reserves journal space for a whole operation, so that a full disk refuses before the switch.
    func reserveJournal() throws {
        do {
            try journal.reserve()
        } catch {
            throw systemError(error, "reserving room for the journal")
        }
    }

    /// Makes a long journal short: one record that says the same.
    ///
    /// Only between operations.
    func compactJournal(above limit: Int64) throws {
        guard state.open == nil, state.adopting == nil, journal.byteCount > limit else { return }
        do {
            try journal.replace(with: JournalRecord.snapshot(state).payload)
        } catch {
            mustRecover = true
            throw systemError(error, "compacting the journal")
        }
    }

    /// What the records of a journal say together.
    static func fold(_ payloads: [[UInt8]], target: String) throws -> TargetState {
        var state = TargetState()
        for (index, payload) in payloads.enumerated() {
            do {
                state.apply(try JournalRecord(payload: payload))
            } catch {
                throw ActivationError(
                    .journalDamaged, target: target, "journal record \(index + 1) cannot be understood: \(error)",
                    remedy: "it was written by a newer Aurora, or damaged: use the newer version or restore a backup")
            }
        }
        return state
    }

    func systemError(_ error: SystemError, _ doing: String) -> ActivationError {
        .system(error, target: layout.path, doing: doing)
    }

    func error(_ code: ActivationError.Code, _ message: String, remedy: String) -> ActivationError {
        ActivationError(code, target: layout.path, message, remedy: remedy)
    }

    /// The generation with this number.
    func generation(_ number: Int) throws -> Generation {
        guard let found = state.generation(number) else {
            throw error(
                .unknownGeneration, "there is no generation \(number)",
                remedy: "list the generations of this target; it may have been collected")
        }
        return found
    }

    /// The active generation; refuses when recovery, adoption or a gate must come first.
    func requireReady() throws -> Generation {
        try heal()
        if state.open != nil {
            throw error(
                .needsGate, "an earlier operation has switched and waits for its health gate",
                remedy: "resume it first; recovery at start does that")
        }
        guard let active = state.active else {
            throw error(
                .notAdopted, "what is at the path has not been adopted yet", remedy: "adopt the existing content first")
        }
        return try generation(active)
    }

    /// After a failed append: reads the journal again and brings files and journal together, leaving staging alone.
    func heal() throws {
        if !mustRecover { return }
        guard hasRecovered else {
            throw error(
                .needsRecovery, "the journal must be read before anything else", remedy: "run recovery first")
        }
        _ = try reconcileWithDisk()
        recovered()
    }

    /// As ``requireReady()``, and what is at the path must be the active generation.
    func requireInPlace() throws -> Generation {
        let active = try requireReady()
        let location = try switcher.locate(state)
        if location != .generation(active.number) {
            throw error(
                .foreignContent, "the path holds \(describe(location)), not generation \(active.number)",
                remedy: "put the active generation back, or remove the state folder and adopt what is there anew")
        }
        return active
    }

    func describe(_ location: Switcher.Location) -> String {
        switch location {
        case .generation(let number) where state.generation(number)?.isEmpty == true: "nothing"
        case .generation(let number): "generation \(number)"
        case .nothing: "nothing"
        case .foreign(let words): words
        }
    }
}
