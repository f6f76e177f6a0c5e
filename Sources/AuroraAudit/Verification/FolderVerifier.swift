import AuroraModel

/// Verifies a published or exported log with nothing but its folder, a key, and perhaps checkpoints kept elsewhere.
struct FolderVerifier {
    let folder: LogFolder
    let key: VerifierKey
    var known: [Checkpoint] = []

    func run() -> AuditReport {
        var check = LogCheck(checkpoints: known)
        guard let checkpoint = readCheckpoint(&check) else {
            return AuditReport(size: 0, checkpoint: nil, problems: check.problems)
        }
        check = LogCheck(checkpoints: known + [checkpoint])
        let hashes = FolderHashes(folder: folder, size: checkpoint.size)
        var number: Int64 = 0
        while number * Int64(TileLayout.width) < checkpoint.size {
            guard takeTile(number, of: checkpoint, hashes, &check) else { break }
            number += 1
        }
        checkTails(checkpoint, hashes, &check)
        check.finish()
        return AuditReport(size: check.range.size, checkpoint: checkpoint, problems: check.problems)
    }

    private func readCheckpoint(_ check: inout LogCheck) -> Checkpoint? {
        do throws(AuditError) {
            guard let bytes = try folder.read(LogFolder.checkpointName) else {
                check.report(.checkpointMissing, entry: nil, "there is no checkpoint in \(folder.path)")
                return nil
            }
            let note = try SignedNote(bytes: bytes)
            switch note.standing(under: key) {
            case .signed: break
            case .wrong:
                check.report(.badSignature, entry: nil, "the checkpoint's signature of \(key.name) is wrong")
                return nil
            case .unknownSigner:
                check.report(.wrongKey, entry: nil, "the checkpoint is not signed by the key of \(key.name)")
                return nil
            }
            let checkpoint = try Checkpoint(text: note.text)
            guard checkpoint.origin == key.name else {
                check.report(.wrongOrigin, entry: nil, "the checkpoint is of another log, \(checkpoint.origin)")
                return nil
            }
            return checkpoint
        } catch {
            check.report(.checkpointMalformed, entry: nil, "\(error)")
            return nil
        }
    }

    /// Checks one bundle against its hash tile; false when neither gives the hashes to go on with.
    private func takeTile(
        _ number: Int64, of checkpoint: Checkpoint, _ hashes: FolderHashes, _ check: inout LogCheck
    ) -> Bool {
        let first = number * Int64(TileLayout.width)
        let width = Int(min(Int64(TileLayout.width), checkpoint.size - first))
        let bundle = TileLayout.Tile(level: nil, number: number, width: width)
        let stated = statedHashes(level: 0, number: number, width: width, hashes, &check)
        let (entries, isWhole) = (try? folder.read(bundle.path)).flatMap { $0 }.map(EntryBundle.decode) ?? ([], false)
        if entries.count < width {
            let missing = first + Int64(entries.count)
            check.report(.entryMissing, entry: missing, "entry \(missing) is missing from \(bundle.path)")
        } else if entries.count > width || !isWhole {
            check.report(
                .bundleDamaged, entry: first + Int64(min(entries.count, width)),
                "\(bundle.path) holds more than its \(width) entries")
        }
        for place in 0..<width {
            let goesOn = check.take(
                entry: place < entries.count ? entries[place] : nil,
                statedLeaf: place < stated.count ? stated[place] : nil,
                statedNode: { level, node in
                    try? hashes.hashes(level: level, from: node, count: 1).first
                })
            if !goesOn { return false }
        }
        return true
    }

    /// The hashes of a tile; a missing or odd-sized file is reported.
    private func statedHashes(
        level: Int, number: Int64, width: Int, _ hashes: FolderHashes, _ check: inout LogCheck
    ) -> [Digest] {
        let tile = TileLayout.Tile(level: level, number: number, width: width)
        guard let bytes = (try? folder.read(tile.path)).flatMap({ $0 }) else {
            check.report(.tileMissing, entry: tile.firstEntry, "\(tile.path) is missing")
            return []
        }
        if bytes.count != width * 32 {
            check.report(
                .tileDamaged, entry: tile.firstEntry, "\(tile.path) has \(bytes.count) bytes, not \(width * 32)")
        }
        return stride(from: 0, through: bytes.count - 32, by: 32).prefix(width)
            .compactMap { Digest(bytes: Array(bytes[$0..<$0 + 32])) }
    }

    /// Sizes of the tiles above level 0; their hashes were compared one by one as the tiles below became full.
    private func checkTails(_ checkpoint: Checkpoint, _ hashes: FolderHashes, _ check: inout LogCheck) {
        guard check.range.size == checkpoint.size else { return }
        for tile in TileLayout.tiles(from: 0, to: checkpoint.size) {
            guard let level = tile.level, level > 0 else { continue }
            _ = statedHashes(level: level, number: tile.number, width: tile.width, hashes, &check)
        }
    }
}
