package import AuroraDatabase
import AuroraModel

/// Verifies the log in a database: rows against hashes, hashes against the signed checkpoint.
///
/// Someone who rewrites rows and all hashes beside them leaves only the root as a witness, which names no entry; where a
/// sound published log is at hand (`published`), each row is compared with it too.
struct RowVerifier {
    let key: VerifierKey
    var known: [Checkpoint] = []
    var published: FolderHashes?

    func run(_ transaction: Transaction) throws -> AuditReport {
        let store = AuditStore(transaction)
        var start = LogCheck(checkpoints: [])
        let signed = try signedCheckpoint(store, &start)
        var check = LogCheck(checkpoints: known + (signed.map { [$0] } ?? []))
        for problem in start.problems { check.report(problem.kind, entry: problem.entry, problem.explanation) }
        try takeRows(store, &check)
        if check.isComplete { try compareState(store, &check) }
        check.finish()
        return AuditReport(size: check.range.size, checkpoint: signed, problems: check.problems)
    }

    private func signedCheckpoint(_ store: AuditStore, _ check: inout LogCheck) throws -> Checkpoint? {
        guard let signed = try store.signed() else { return nil }
        do throws(AuditError) {
            let note = try SignedNote(bytes: signed.note)
            switch note.standing(under: key) {
            case .signed: break
            case .wrong:
                check.report(.badSignature, entry: nil, "the stored checkpoint's signature of \(key.name) is wrong")
                return nil
            case .unknownSigner:
                check.report(.wrongKey, entry: nil, "the stored checkpoint is not signed by the key of \(key.name)")
                return nil
            }
            let checkpoint = try Checkpoint(text: note.text)
            if checkpoint != Checkpoint(origin: key.name, size: signed.size, root: signed.root) {
                check.report(.stateDamaged, entry: nil, "the stored checkpoint is not the one that was signed")
            }
            return checkpoint
        } catch {
            check.report(.checkpointMalformed, entry: nil, "\(error)")
            return nil
        }
    }

    private func takeRows(_ store: AuditStore, _ check: inout LogCheck) throws {
        var isBroken = false
        var tile: [Digest] = []
        try store.forEachEntry { number, entry, leaf in
            guard !isBroken else { return }
            guard number == check.range.size else {
                let missing = check.range.size
                check.report(.entryMissing, entry: missing, "entry \(missing) is missing; the next one is \(number)")
                _ = check.take(entry: nil, statedLeaf: nil, statedNode: { _, _ in nil })
                isBroken = true
                return
            }
            if let kept = try publishedLeaf(number, &tile), kept != MerkleTree.leafHash(entry) {
                check.report(.entryChanged, entry: number, "entry \(number) is not the one that was published")
            }
            _ = try check.take(
                entry: entry, statedLeaf: leaf, statedNode: { try store.node(level: $0, number: $1) })
        }
    }

    /// The published hash of an entry; `tile` keeps the hashes of the tile that it is in.
    private func publishedLeaf(_ number: Int64, _ tile: inout [Digest]) throws -> Digest? {
        guard let published, number < published.size else { return nil }
        let place = Int(number % Int64(TileLayout.width))
        if place == 0 { tile = try published.tile(level: 0, number: number / Int64(TileLayout.width)) ?? [] }
        return place < tile.count ? tile[place] : nil
    }

    private func compareState(_ store: AuditStore, _ check: inout LogCheck) throws {
        let stored: CompactRange
        do { stored = try store.range() } catch let error as AuditError {
            check.report(.stateDamaged, entry: nil, "\(error)")
            return
        }
        if stored.size > check.range.size {
            check.report(
                .tailCut, entry: check.range.size,
                "the rows end after \(check.range.size) entries, but \(stored.size) were recorded")
        } else if stored.size < check.range.size {
            check.report(
                .stateDamaged, entry: stored.size,
                "entry \(stored.size) was added past the log: the state knows "
                    + "\(stored.size) entries")
        } else if stored != check.range, check.problems.isEmpty {
            check.report(.stateDamaged, entry: nil, "the stored root is not that of the entries")
        }
    }
}

extension AuditLog {
    /// Verifies a published or exported log offline.
    /// - Parameters:
    ///   - directory: The folder with `checkpoint` and `tile/`.
    ///   - verifierKey: The key that must have signed it, from a source that is not the folder.
    ///   - known: Checkpoints of this log kept elsewhere; a log that was cut or rewritten does not fit them.
    package static func verify(
        directory: String, verifierKey: VerifierKey, known: [Checkpoint] = []
    ) -> AuditReport {
        FolderVerifier(folder: LogFolder(path: directory), key: verifierKey, known: known).run()
    }

    /// Verifies the rows of a database, against the checkpoint stored there and `known` ones.
    /// - Parameter published: The folder of the published log, if there is one: a sound one names each changed row.
    package static func verify(
        _ database: Database, verifierKey: VerifierKey, known: [Checkpoint] = [], published directory: String? = nil
    ) throws -> AuditReport {
        var verifier = RowVerifier(key: verifierKey, known: known)
        if let directory {
            let folder = LogFolder(path: directory)
            let report = FolderVerifier(folder: folder, key: verifierKey).run()
            if report.isSound, let checkpoint = report.checkpoint {
                verifier.known.append(checkpoint)
                verifier.published = FolderHashes(folder: folder, size: checkpoint.size)
            }
        }
        return try database.read { try verifier.run($0) }
    }
}
