import AuroraDatabase
import AuroraModel
import Synchronization

extension AuditLog {
    /// Signs the present state and makes tiles and checkpoint of it on disk; returns what was signed.
    ///
    /// Order: prove that the rows continue what was signed last; write tiles (durable); sign; remember size and root in
    /// the database (durable); replace the checkpoint (durable). A kill between any two leaves a valid log, and the next
    /// call goes on. Files that are missing or of a wrong size are made again. Nothing new to sign: no work.
    /// - Throws: `AuditError`: `inconsistent` or `databaseBehind` when signing would contradict an earlier signature.
    @discardableResult
    package func publish() throws -> Checkpoint {
        try publisher.withLock { state in
            let step = try database.read { transaction in
                try prepare(transaction, examineFolder: !state.hasExaminedFolder)
            }
            state.hasExaminedFolder = true
            guard !step.isDone else { return step.checkpoint }
            let note = SignedNote(text: step.checkpoint.text, signedBy: key, as: verifierKey)
            try database.write { transaction in
                try AuditStore(transaction).setSigned(
                    AuditStore.Signed(size: step.checkpoint.size, root: step.checkpoint.root, note: note.bytes))
            }
            try folder.writeCheckpoint(note)
            try folder.removePartials(of: step.tiles)
            return step.checkpoint
        }
    }

    /// What a call of ``publish()`` has to do after its tiles are written.
    private struct Step: Sendable {
        let checkpoint: Checkpoint
        let tiles: [TileLayout.Tile]
        /// Whether exactly this is published already.
        let isDone: Bool
    }

    /// Checks that the rows may be signed and writes the tiles that are new; all from one view of the rows.
    private func prepare(_ transaction: Transaction, examineFolder: Bool) throws -> Step {
        let store = AuditStore(transaction)
        let hashes = RowHashes(transaction: transaction)
        let range = try store.range()
        let root = try hashes.root(size: range.size)
        guard root == range.root else { throw AuditError.damagedRows(what: "their hashes do not give the root") }
        let signed = try store.signed()
        if let signed {
            try requireContinuation(of: signed.size, signed.root, by: range, hashes)
        }
        let published = try publishedSize(range, hashes)
        let isWhole = !examineFolder || folder.hasAllTiles(size: published ?? 0)
        let tiles = TileLayout.tiles(from: isWhole ? published ?? 0 : 0, to: range.size)
        try folder.write(tiles) { try self.content(of: $0, store, hashes) }
        return Step(
            checkpoint: Checkpoint(origin: verifierKey.name, size: range.size, root: root), tiles: tiles,
            isDone: published == range.size && signed?.size == range.size)
    }

    /// Refuses to go on when the rows do not continue an earlier checkpoint.
    private func requireContinuation(
        of size: Int64, _ root: Digest, by range: CompactRange, _ hashes: RowHashes
    ) throws {
        let failure = AuditError.inconsistent(
            signedSize: size, signedRoot: root, size: range.size, root: range.root)
        guard size <= range.size else { throw failure }
        let proof = try hashes.consistencyProof(from: size, to: range.size)
        guard
            MerkleTree.isConsistent(
                oldSize: size, oldRoot: root, newSize: range.size, newRoot: range.root, proof: proof)
        else { throw failure }
    }

    /// The size of the log in the folder if this key signed it; nil when there is none, or it is somebody else's.
    private func publishedSize(_ range: CompactRange, _ hashes: RowHashes) throws -> Int64? {
        guard let bytes = try folder.read(LogFolder.checkpointName), let note = try? SignedNote(bytes: bytes),
            note.standing(under: verifierKey) == .signed, let checkpoint = try? Checkpoint(text: note.text),
            checkpoint.origin == verifierKey.name
        else { return nil }
        guard checkpoint.size <= range.size else {
            throw AuditError.databaseBehind(published: checkpoint.size, size: range.size)
        }
        try requireContinuation(of: checkpoint.size, checkpoint.root, by: range, hashes)
        return checkpoint.size
    }

    /// The bytes of a tile or bundle, from the rows.
    func content(of tile: TileLayout.Tile, _ store: AuditStore, _ hashes: RowHashes) throws -> [UInt8] {
        let first = tile.number * Int64(TileLayout.width)
        if let level = tile.level {
            return try hashes.hashes(level: level, from: first, count: tile.width).flatMap(\.bytes)
        }
        let entries = try store.entries(from: first, limit: tile.width)
        guard entries.count == tile.width, entries.last?.number == first + Int64(tile.width) - 1 else {
            throw AuditError.damagedRows(what: "an entry between \(first) and \(first + Int64(tile.width)) is missing")
        }
        return EntryBundle.encode(entries.map(\.bytes))
    }

    /// Writes the signed log to a new folder: checkpoint, hash tiles, entry bundles, and the key's text form.
    ///
    /// Publishes first, so the export holds everything recorded before the call. The folder must not exist.
    package func export(to directory: String) throws {
        let checkpoint = try publish()
        let target = LogFolder(path: directory)
        guard try target.isAbsent else { throw AuditError.exportExists(path: directory) }
        try database.read { transaction in
            let (store, hashes) = (AuditStore(transaction), RowHashes(transaction: transaction))
            let tiles = TileLayout.tiles(from: 0, to: checkpoint.size)
            try target.write(tiles) { try self.content(of: $0, store, hashes) }
        }
        try target.writeFile(LogFolder.keyName, Array("\(verifierKey)\n".utf8))
        try target.writeCheckpoint(SignedNote(text: checkpoint.text, signedBy: key, as: verifierKey))
    }

    /// Takes back entries that the published log has and the database has not, as after the restore of an older backup.
    ///
    /// The folder's checkpoint must be signed by this key, every entry must fit it, and it must continue the rows.
    /// - Returns: The number of entries taken back.
    @discardableResult
    package func recoverFromFolder() throws -> Int64 {
        try publisher.withLock { _ in
            let report = FolderVerifier(folder: folder, key: verifierKey).run()
            guard let checkpoint = report.checkpoint, report.isSound else {
                throw AuditError.damagedRows(what: "the published log does not verify: \(report.summary)")
            }
            let folder = folder
            return try database.write { transaction in
                try Self.takeBack(from: folder, upTo: checkpoint, AuditStore(transaction))
            }
        }
    }

    private static func takeBack(from folder: LogFolder, upTo checkpoint: Checkpoint, _ store: AuditStore) throws
        -> Int64
    {
        let start = try store.range().size
        var number = start
        while number < checkpoint.size {
            let bundle = number / Int64(TileLayout.width)
            let width = min(Int64(TileLayout.width), checkpoint.size - bundle * Int64(TileLayout.width))
            let tile = TileLayout.Tile(level: nil, number: bundle, width: Int(width))
            let entries = EntryBundle.decode(try folder.read(tile.path) ?? []).entries
            let skipped = Int(number - bundle * Int64(TileLayout.width))
            guard entries.count == Int(width) else { throw AuditError.missingHash(level: 0, number: number) }
            for entry in entries[skipped...] { number = try store.append(entry) + 1 }
        }
        let root = try store.range().size == checkpoint.size ? store.range().root : checkpoint.root
        guard root == checkpoint.root else {
            throw AuditError.damagedRows(what: "the published log does not continue the database")
        }
        return number - start
    }
}
