import AuroraAudit
import AuroraModel
import AuroraSystem

/// Fetches a hub's log in the form of C2SP tlog-tiles: the same files an outside verifier would fetch.
struct AuditExport {
    let hub: HubClient
    let folder: String
    let console: Console

    /// The log's public key, beside the log.
    static let keyName = "verifier-key"

    /// Saves the log as of a present checkpoint.
    ///
    /// - Returns: the number of entries.
    func run() throws -> Int64 {
        // A log that grows meanwhile may fill a tile we are about to fetch; then we start again with the new checkpoint.
        var attempt = 0
        while true {
            do {
                return try save()
            } catch let error as CommandError where error.exit == .notFound && attempt < 5 {
                attempt += 1
            }
        }
    }

    private func save() throws -> Int64 {
        let checkpoint = try fetch("checkpoint")
        let size = try Self.size(of: checkpoint)
        try FolderMaker.make(folder, mode: 0o755)
        let tiles = TileLayout.tiles(from: 0, to: size)
        let progress = Progress("audit log", on: console)
        for (index, tile) in tiles.enumerated() {
            let path = folder + "/" + tile.path
            try FolderMaker.make(LocalFile.folder(path), mode: 0o755)
            try LocalFile.write(path, try fetch(tile.path))
            progress.update(done: Int64(index + 1), total: Int64(tiles.count))
        }
        let key = try hub.get("/api/v1/audit/key").text("key")
        try LocalFile.write(folder + "/" + Self.keyName, Array((key + "\n").utf8))
        try LocalFile.write(folder + "/checkpoint", checkpoint)
        return size
    }

    private func fetch(_ file: String) throws -> [UInt8] {
        try hub.send(HubRequest(method: "GET", target: "/audit/" + file)).body
    }

    /// The number of entries a checkpoint speaks of: its second line.
    static func size(of checkpoint: [UInt8]) throws(CommandError) -> Int64 {
        let lines = String(decoding: checkpoint, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count > 3, let size = Int64(lines[1]), size >= 0 else {
            throw CommandError(
                "the hub's checkpoint cannot be read", remedy: "tell whoever runs the hub", code: "bad_checkpoint",
                exit: .verificationFailed)
        }
        return size
    }
}
