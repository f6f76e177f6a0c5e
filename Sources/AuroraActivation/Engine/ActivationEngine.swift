package import AuroraModel
package import AuroraSystem
import Glibc
import Synchronization

/// The one activation engine of one target: store, generations, journal, the switch, and the way back.
///
/// Safe to use from several threads. One changing operation runs at a time, a second one is refused with `busy`; looking
/// (`active`, `generations()`, …) never waits for it. The closures given to an operation run on the calling thread.
/// Everything is durable when a call returns, and a kill at any system call leaves the path holding exactly the old or
/// exactly the new tree; `recover` at the next start finishes the story. Formats: docs/formats/target.md, journal.md.
package final class ActivationEngine: Sendable {
    /// The target's path.
    package let path: String
    package let kind: TargetKind
    private let worker: TargetWorker
    /// Held as long as the engine lives: a second opener is refused.
    private let lock: FileLock
    private let isBusy = Mutex(false)
    /// Keeps publishing and collecting apart; publishing may go on while an activation runs.
    private let storeLock = Mutex(())

    /// Opens a target: makes its state folder beside the path, checks the file system, takes the lock, reads the journal.
    ///
    /// Nothing else may be called before ``recover()``.
    /// - Parameter keep: how many of the newest generations ``collectGarbage(retaining:)`` leaves, at least 1.
    package init(
        target path: String, kind: TargetKind, keep: Int = 5, clock: WallClock = .system
    ) throws(ActivationError) {
        self.path = path
        self.kind = kind
        (lock, worker) = try Self.open(try TargetLayout(path: path), kind, keep, clock)
    }

    /// Opens a device: its root, which must exist, is the state folder, and `root/current` is what is switched.
    ///
    /// There is nothing to adopt: generation 0 means that nothing is installed.
    package init(device root: String, keep: Int = 5, clock: WallClock = .system) throws(ActivationError) {
        let layout = try TargetLayout(device: root)
        path = layout.path
        kind = .link
        (lock, worker) = try Self.open(layout, kind, keep, clock)
    }

    private static func open(
        _ layout: TargetLayout, _ kind: TargetKind, _ keep: Int, _ clock: WallClock
    ) throws(ActivationError) -> (FileLock, TargetWorker) {
        let path = layout.path
        do {
            try layout.establish(kind: kind)
            let lock = try FileLock(path: layout.lock)
            return (lock, try TargetWorker(layout: layout, kind: kind, keep: keep, clock: clock))
        } catch let error as ActivationError {
            throw error
        } catch let error as FileLockError {
            guard case .failed(let cause) = error else {
                throw ActivationError(
                    .locked, target: path, "another process has this target open",
                    remedy: "stop the other hub or agent that manages this path")
            }
            throw .system(cause, target: path, doing: "taking the lock")
        } catch {
            let cause = error as? SystemError ?? SystemError(operation: "\(error)", errno: EIO)
            throw .system(cause, target: path, doing: "opening the target")
        }
    }

    // MARK: Looking

    /// What the journal says, at one moment.
    package var state: TargetState { worker.published.withLock { $0 } }

    /// The committed active generation; nil before adoption.
    package var active: Generation? {
        let state = state
        return state.active.flatMap(state.generation(_:))
    }

    /// The generation that ``rollback(reason:onPhase:apply:health:)`` would bring back: the immediate undo of the active
    /// one; nil right after a rollback and before the first promote.
    package var rollbackTarget: Generation? {
        let state = state
        return state.undo.flatMap(state.generation(_:))
    }

    /// All generations that still exist, by number.
    package func generations() -> [Generation] { state.generations }

    /// Digests that failed here and may not be activated again until cleared.
    package func blocked() -> [TargetState.Block] { state.blocked }

    /// Why the target needs a person; nil when all is well.
    package var degraded: String? { state.degraded }

    /// Whether a tree is in the store; says nothing about its bytes.
    package func hasTree(_ digest: Digest) throws -> Bool {
        try guarded("looking") { try worker.store.contains(digest) }
    }

    /// Digests of all trees in the store.
    package func trees() throws -> [Digest] { try guarded("looking") { try worker.store.digests() } }

    /// The manifest of a stored tree or of a generation's tree (adopted ones too).
    package func manifest(of digest: Digest) throws -> TreeManifest {
        try guarded("reading a manifest") {
            if try worker.store.contains(digest) { return try worker.store.manifest(of: digest) }
            let adopted = state.generations.first { $0.adopted != nil && $0.treeDigest == digest }
            guard let adopted else { return try worker.store.manifest(of: digest) }
            return try TreeStore.readManifest(
                worker.layout.adoptedManifest(adopted.number), expected: digest, target: path)
        }
    }

    /// The folder of a stored tree, for reading only.
    package func treePath(_ digest: Digest) -> String { worker.layout.stored(digest) }

    // MARK: Start

    /// Finishes or undoes what an interruption left, without running anything of the target.
    ///
    /// Repeatable.
    ///
    /// When the finding is `needsGate`, `needsRestart` or `needsUndo`, `resume` must follow.
    package func recover() throws -> RecoveryReport {
        try exclusive("recovering") { try storeLock.withLock { _ in try worker.recover() } }
    }

    /// Recovers and runs the gate that was open, if any.
    package func recover(
        onPhase: @escaping (ActivationPhase) -> Void = { _ in }, beside: SideWork? = nil,
        apply: @escaping () throws -> Void,
        health: @escaping () throws -> HealthVerdict
    ) throws -> RecoveryReport {
        var report = try recover()
        report.outcome = try resume(onPhase: onPhase, beside: beside, apply: apply, health: health)
        return report
    }

    /// Runs the open gate with a fresh window and ends the operation; nil when none is open.
    package func resume(
        onPhase: @escaping (ActivationPhase) -> Void = { _ in }, beside: SideWork? = nil,
        apply: @escaping () throws -> Void, health: @escaping () throws -> HealthVerdict
    ) throws -> ActivationOutcome? {
        let gate = Gate(onPhase: onPhase, beside: beside, apply: apply, health: health)
        return try exclusive("resuming") { try worker.resume(gate: gate) }
    }

    /// Makes what is at the path generation 0 in one atomic step, without copying; done already is fine.
    package func adoptExisting() throws { try exclusive("adopting") { try worker.adopt() } }

    // MARK: Store

    /// A fresh, private, empty folder on the target's file system; recovery removes what is left of it.
    package func stagingDirectory() throws -> String {
        try guarded("making a staging folder") {
            let suffix = SecureRandom.bytes(8).map { String($0, radix: 16) }.joined()
            let folder = "\(worker.layout.staging)/stage-\(suffix)"
            try DurableFile.makeDirectory(folder, mode: 0o700)
            return folder
        }
    }

    /// Seals a staged tree (owner, read-only modes), digests every byte, and moves it durably into the store.
    ///
    /// - Parameter manifest: what the tree must turn out to be; nil takes it as it is.
    /// - Returns: the manifest; its digest is the tree's name from now on.
    package func publish(staged: String, manifest: TreeManifest? = nil) throws -> TreeManifest {
        try guarded("publishing a tree") {
            try storeLock.withLock { _ in try worker.store.publish(staged: staged, expected: manifest) }
        }
    }

    /// Removes a staging folder that was not published.
    package func discardStaging(_ folder: String) throws {
        try guarded("removing a staging folder") {
            guard folder.hasPrefix(worker.layout.staging + "/"), !folder.contains("/../") else { return }
            try FileTree.remove(folder)
        }
    }

    /// Reads every byte of a stored tree and lists what differs from its manifest.
    package func verifyTree(_ digest: Digest) throws -> [DriftItem] {
        try guarded("verifying a tree") { try worker.store.verify(digest) }
    }

    /// Does the same to a tree of the device below `root` without its lock, for whoever must hold nobody up; the tree may go
    /// meanwhile, and then something of it is missing.
    package static func verifyTree(_ digest: Digest, ofDevice root: String) throws -> [DriftItem] {
        try TreeStore(layout: TargetLayout(device: root)).verify(digest)
    }

    /// What the journal of the device below `root` says at one moment, read without its lock; of a device that has none yet
    /// that nothing has happened.
    ///
    /// An operation that runs, or was interrupted, is open in it.
    package static func state(ofDevice root: String) throws -> TargetState {
        let layout = try TargetLayout(device: root)
        return try TargetWorker.fold(Journal.read(path: layout.journal, target: layout.path), target: layout.path)
    }

    /// The manifest of a stored tree of the device below `root`, read without its lock.
    package static func manifest(of digest: Digest, ofDevice root: String) throws -> TreeManifest {
        try TreeStore(layout: TargetLayout(device: root)).manifest(of: digest)
    }

    // MARK: Change

    /// Builds a generation completely, after reading every byte of the stored tree and of the active one.
    ///
    /// - Parameters:
    ///   - parts: other stored trees that this one leads into, such as the packs of a set; they are checked, kept and
    ///     blocked with it.
    ///   - acceptingDrift: the drift that the approved plan shows; any other drift refuses, since the active tree is the
    ///     one a rollback brings back.
    package func prepare(
        treeDigest: Digest, parts: [Generation.Member] = [], planDigest: Digest?, label: String,
        artifact: Digest? = nil, acceptingDrift: [DriftItem] = []
    ) throws -> Generation {
        try exclusive("preparing a generation") {
            try storeLock.withLock { _ in
                try worker.prepare(
                    NewGeneration(
                        tree: treeDigest, parts: parts, plan: planDigest, artifact: artifact, label: label,
                        acceptedDrift: acceptingDrift))
            }
        }
    }

    /// Makes a generation active: intent, one switch, apply, health, commit; or the one automatic way back.
    ///
    /// Cost without the closures does not depend on the size of the tree.
    package func activate(
        _ number: Int, onPhase: @escaping (ActivationPhase) -> Void = { _ in }, beside: SideWork? = nil,
        apply: @escaping () throws -> Void, health: @escaping () throws -> HealthVerdict
    ) throws -> ActivationOutcome {
        let gate = Gate(onPhase: onPhase, beside: beside, apply: apply, health: health)
        return try exclusive("activating") { try worker.activate(number, gate: gate) }
    }

    /// Brings back the generation that the active one replaced, in one switch, and blocks the digest taken back.
    ///
    /// - Throws: `noRollbackTarget` when there is none, which is so right after a rollback.
    package func rollback(
        reason: String = "taken back by a person", onPhase: @escaping (ActivationPhase) -> Void = { _ in },
        beside: SideWork? = nil, apply: @escaping () throws -> Void, health: @escaping () throws -> HealthVerdict
    ) throws -> ActivationOutcome {
        let gate = Gate(onPhase: onPhase, beside: beside, apply: apply, health: health)
        return try exclusive("rolling back") { try worker.rollback(reason: reason, gate: gate) }
    }

    /// What differs between the active tree and its manifest; reads every byte.
    package func drift() throws -> [DriftItem] { try exclusive("looking for drift") { try worker.drift() } }

    /// Lets a failed digest be activated again.
    package func clearBlock(_ tree: Digest) throws { try exclusive("clearing a block") { try worker.clearBlock(tree) } }

    /// Keeps a generation from being collected.
    package func pin(_ number: Int) throws { try exclusive("pinning") { try worker.setPinned(number, true) } }

    /// Lets a pinned generation be collected again.
    package func unpin(_ number: Int) throws { try exclusive("unpinning") { try worker.setPinned(number, false) } }

    /// Removes old generations and unneeded trees; never the active one, its rollback target or pinned ones.
    ///
    /// - Parameters:
    ///   - trees: staged trees to keep although no generation uses them. Nil leaves every tree alone that was not used by
    ///     a generation collected now.
    ///   - keep: how many of the newest generations stay; nil is the number the engine was opened with.
    @discardableResult
    package func collectGarbage(
        retaining trees: Set<Digest>? = nil, keeping keep: Int? = nil
    ) throws -> CollectionReport {
        try exclusive("collecting") {
            try storeLock.withLock { _ in try worker.collect(retaining: trees, keeping: keep) }
        }
    }

    // MARK: One at a time

    private func exclusive<Result>(_ doing: String, _ body: () throws -> Result) throws -> Result {
        let isFree = isBusy.withLock { busy in
            defer { busy = true }
            return !busy
        }
        guard isFree else {
            throw ActivationError(
                .busy, target: path, "another operation is running on this target", remedy: "wait until it has ended")
        }
        defer { isBusy.withLock { $0 = false } }
        return try guarded(doing, body)
    }

    /// Gives system errors the target's name and what was being done.
    private func guarded<Result>(_ doing: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as SystemError {
            throw ActivationError.system(error, target: path, doing: doing)
        }
    }
}
