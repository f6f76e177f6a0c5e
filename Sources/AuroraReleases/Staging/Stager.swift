import AuroraActivation
package import AuroraApprovals
import AuroraAudit
import AuroraDatabase
package import AuroraModel
package import AuroraSystem
import Dispatch

/// Verifies artifacts and unpacks them where they can be activated.
///
/// Everything about one artifact happens on one open descriptor: hashing, the signature verdict, unpacking. A tree is
/// unpacked on the file system of the target it is for and moved into that target's store by one rename; where that is
/// decided is written down in docs/decisions/0002-where-trees-are-unpacked.md. Thread-safe; blocks while it works.
package final class Stager: Sendable {
    private let blobs: BlobStore
    private let records: BlobStore
    private let unpacker: Unpacker
    private let judge: SignatureJudge
    private let targets: Targets
    let database: Database
    let audit: AuditLog
    let changes: ChangeStore
    let latches: ChangeLatches
    let background: BackgroundChanges
    let clock: WallClock
    /// Staging in the background, one at a time: unpacking uses the disk as fast as it goes.
    let queue = DispatchQueue(label: "aurora.stage")
    let locks = KeyedLock<Digest>()
    let list: StagedList

    init(
        blobs: BlobStore, records: BlobStore, unpacker: Unpacker, judge: SignatureJudge, targets: Targets,
        changes: ChangeStore, latches: ChangeLatches, background: BackgroundChanges, database: Database,
        audit: AuditLog, clock: WallClock
    ) {
        self.blobs = blobs
        self.records = records
        self.unpacker = unpacker
        self.judge = judge
        self.targets = targets
        self.changes = changes
        self.latches = latches
        self.background = background
        self.database = database
        self.audit = audit
        self.clock = clock
        list = StagedList(database: database)
    }

    /// Stages an artifact.
    ///
    /// Staging it again is a success that changes nothing, unless better evidence came.
    ///
    /// - Parameters:
    ///   - target: The target it is meant for; with none, the only registered one, else no target's store is filled yet.
    ///   - stop: Ends the unpacking child early.
    ///   - progress: Called from this thread as the work goes on; what it throws ends the staging.
    /// - Throws: `Refusal`: `artifact_unknown`, `label_ambiguous`, `checksum_mismatch`, `unsigned`, `signature_bad`,
    ///   `no_release_keys`, `release_file_mismatch`, `archive_refused` with the rule and the entry,
    ///   `sandbox_unavailable`, `insufficient_storage`. Nothing is left behind then.
    package func stage(
        _ artifact: ArtifactName, for target: TargetName? = nil, by actor: Actor, stop: StopSignal? = nil,
        progress: (StageProgress) throws -> Void = { _ in }
    ) throws -> StagedRelease {
        let place = try target.map { try targets.find($0.text) } ?? targets.only
        let (digest, candidates) = try resolve(artifact, by: actor)
        return try locks.withLock(digest) {
            guard let blob = try blobs.open(digest) else { throw Refusals.artifactUnknown(digest.hex) }
            if let known = try known(digest), !isNews(candidates, to: known) {
                if let place { try materialise(known, blob, on: place, stop, progress) }
                return known
            }
            try progress(.hashing)
            try blob.verify()
            try progress(.verifying)
            let judgement = try judge(blob, candidates)
            let unpacked = try unpack(blob, for: place, stop, progress)
            try records.put(unpacked.canonicalBytes)
            return try record(digest, judgement, unpacked, by: actor)
        }
    }

    /// Refuses at once what needs no work to be refused; returns the artifact's digest.
    func check(_ artifact: ArtifactName, for target: TargetName?, by actor: Actor) throws -> Digest {
        if let target { _ = try targets.find(target) }
        return try resolve(artifact, by: actor).0
    }

    /// Makes sure a staged release's tree is in a target's store; the plan for that target needs it there.
    ///
    /// - Parameter stop: Ends the unpacking child early.
    func materialise(_ release: StagedRelease, on target: Target, stop: StopSignal? = nil) throws {
        try locks.withLock(release.artifact) {
            guard let blob = try blobs.open(release.artifact) else {
                throw Refusals.artifactUnknown(release.artifact.hex)
            }
            try materialise(release, blob, on: target, stop)
        }
    }

    /// Judges the signatures of a staged release once more, by the keys the hub knows now.
    ///
    /// - Throws: `Refusal`: `artifact_unknown`, `no_release_keys`, `signature_bad`.
    func judgeAgain(_ release: StagedRelease) throws {
        guard let blob = try blobs.open(release.artifact) else {
            throw Refusals.artifactUnknown(release.artifact.hex)
        }
        try judge.judgeAgain(release, blob)
    }

    /// A staged release by its artifact.
    ///
    /// - Throws: `Refusal` with code `release_unknown`.
    package func release(_ artifact: Digest) throws -> StagedRelease {
        guard let release = try known(artifact) else { throw Refusals.releaseUnknown(artifact.hex) }
        return release
    }

    /// Staged releases, newest first.
    package func releases(after cursor: String? = nil, limit: Int = 100) throws -> Page<StagedRelease> {
        let start = try cursor.map(Cursor.parse)
        let items = try database.read { try ReleaseStore.releases(before: start, limit: limit + 1, in: $0) }
        return Page(items, limit: limit) { Cursor.text($0.staged, $0.artifact) }
    }

    /// Every staged digest in hexadecimal, oldest first; from memory, for polls.
    package func stagedDigests() throws -> [String] { try list.digests() }

    /// The manifest of a staged or once active tree; nil when the hub never saw it unpacked.
    func manifest(of tree: Digest) throws -> TreeManifest? {
        try records.read(tree, limit: 256 << 20).map { try TreeManifest(canonicalBytes: $0) }
    }
}

extension Stager {
    private func known(_ artifact: Digest) throws -> StagedRelease? {
        try database.read { try ReleaseStore.release(artifact, in: $0) }
    }

    /// The artifact's digest and the sets of sidecars that may belong to it, the asking account's first.
    private func resolve(_ artifact: ArtifactName, by actor: Actor) throws -> (Digest, [Sidecars]) {
        try database.read { transaction in
            switch artifact {
            case .digest(let digest):
                guard try ArtifactStore.artifact(digest, in: transaction) != nil else {
                    throw Refusals.artifactUnknown(digest.hex)
                }
                let labels = try ArtifactStore.labels(of: digest, in: transaction)
                let own = labels.filter { $0.account == actor.name } + labels.filter { $0.account != actor.name }
                return (digest, try own.map { try Sidecars(of: $0, in: transaction) })
            case .label(let name):
                let labels = try ArtifactStore.labels(named: name, in: transaction)
                let own = labels.first { $0.account == actor.name }
                guard let label = own ?? labels.first else {
                    throw Refusals.artifactUnknown("\"\(name.printable(limit: 80))\"")
                }
                if own == nil, Set(labels.map(\.digest)).count > 1 { throw StageRefusals.labelAmbiguous(name, labels) }
                return (label.digest, [try Sidecars(of: label, in: transaction)])
            }
        }
    }

    /// Whether sidecars came that the stored verdict does not rest on.
    private func isNews(_ candidates: [Sidecars], to release: StagedRelease) -> Bool {
        candidates.contains { $0.hasSignature && !Set($0.evidence).isSubset(of: release.evidence) }
    }

    /// The verdict of the first set of sidecars that holds; the refusal of the first one when none does.
    private func judge(_ blob: borrowing Blob, _ candidates: [Sidecars]) throws -> Judgement {
        let signed = candidates.filter(\.hasSignature)
        let choices = signed.isEmpty ? Array(candidates.prefix(1)) : signed
        guard !choices.isEmpty else { return try judge.judge(blob, Sidecars(nameless: blob.digest)) }
        var first: Refusal?
        for sidecars in choices {
            do {
                return try judge.judge(blob, sidecars)
            } catch let refusal as Refusal {
                first = first ?? refusal
            }
        }
        throw first ?? StageRefusals.unsigned(blob.digest.hex)
    }

    /// Unpacks into the target's store, or into a private place that is removed again when there is no target yet.
    ///
    /// - Parameter expected: what the tree has to be, when the artifact was unpacked before.
    private func unpack(
        _ blob: borrowing Blob, for target: Target?, expecting expected: TreeManifest? = nil, _ stop: StopSignal?,
        _ progress: (StageProgress) throws -> Void = { _ in }
    ) throws -> TreeManifest {
        let before = try blob.descriptor.stat()
        let staging = try target.map { try $0.engine.stagingDirectory() } ?? unpacker.privateDirectory()
        // Once published the directory has moved away and there is nothing to remove.
        defer { try? FileTree.remove(staging) }
        try progress(.unpacking)
        try unpacker.unpack(blob, into: staging, stop: stop)
        try progress(.sealing)
        try requireUnchanged(blob, since: before)
        try progress(.publishing)
        do {
            return try target?.engine.publish(staged: staging, manifest: expected) ?? UnpackedTree.describe(staging)
        } catch let error as ActivationError where error.code == .badTree {
            throw StageRefusals.tree(blob.digest, error.message)
        }
    }

    /// The bytes that were unpacked are the ones that were verified: whoever wrote to the file meanwhile is found.
    private func requireUnchanged(_ blob: borrowing Blob, since before: FileStatus) throws {
        let now = try blob.descriptor.stat()
        do {
            try blob.verify()
        } catch is BlobDamage {
            throw StageRefusals.changed(blob.digest)
        }
        guard now.size == before.size, now.modified == before.modified else { throw StageRefusals.changed(blob.digest) }
    }

    private func materialise(
        _ release: StagedRelease, _ blob: borrowing Blob, on target: Target, _ stop: StopSignal?,
        _ progress: (StageProgress) throws -> Void = { _ in }
    ) throws {
        guard try !target.engine.hasTree(release.tree) else { return }
        try progress(.hashing)
        try blob.verify()
        let tree = try unpack(blob, for: target, expecting: try manifest(of: release.tree), stop, progress).digest
        guard tree == release.tree else {
            throw StageRefusals.treeMismatch(release.artifact, staged: release.tree, now: tree)
        }
    }

    private func record(
        _ digest: Digest, _ judgement: Judgement, _ manifest: TreeManifest, by actor: Actor
    ) throws -> StagedRelease {
        let facts = judgement.releaseFile
        let now = clock.now()
        let release = StagedRelease(
            artifact: digest, tree: manifest.digest, name: facts?.name, version: facts?.version,
            hardwareIDs: facts?.hardwareIDs ?? [], verdict: judgement.verdict,
            entries: Int64(manifest.entries.count), bytes: manifest.byteCount,
            fileName: judgement.sidecars.name == digest.hex ? nil : judgement.sidecars.name, stagedBy: actor.name,
            staged: Timestamp(milliseconds: now), evidence: judgement.sidecars.evidence)
        let entry = AuditEntry.accepted(
            .releaseStage, by: actor, subject: digest.hex, at: now,
            details: [
                ("tree", release.tree.hex),
                ("signature", "\(release.verdict.state.rawValue) over the \(release.verdict.covers.rawValue)"),
                (
                    "release",
                    [release.name?.text, release.version?.description].compactMap { $0 }.joined(separator: " ")
                ),
            ])
        let audit = audit
        try database.write { transaction in
            try ReleaseStore.put(release, in: transaction)
            _ = try audit.append(entry, in: transaction)
        }
        list.invalidate()
        return release
    }
}
