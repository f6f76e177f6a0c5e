import AuroraCrypto
import AuroraModel

/// Fetches a hub's log in the form of C2SP tlog-tiles: the same files an outside verifier would fetch.
struct AuditExport {
    let hub: HubClient
    let folder: String
    let console: Console

    /// Leaves and hashes of one tile.
    private static let tileWidth: Int64 = 256

    /// Saves the log as of the hub's present checkpoint.
    ///
    /// - Returns: the number of entries.
    func run() throws -> Int64 {
        let checkpoint = try fetch("/audit/checkpoint")
        let size = try Self.size(of: checkpoint)
        try FolderMaker.make(folder, mode: 0o755)
        let files = Self.tiles(size: size)
        let progress = Progress("audit log", on: console)
        for (index, file) in files.enumerated() {
            let path = folder + "/" + file
            try FolderMaker.make(LocalFile.folder(path), mode: 0o755)
            try LocalFile.write(path, try fetch("/audit/" + file))
            progress.update(done: Int64(index + 1), total: Int64(files.count))
        }
        let key = try hub.get("/api/v1/audit/key").text("key")
        try LocalFile.write(folder + "/log.vkey", Array((key + "\n").utf8))
        try LocalFile.write(folder + "/checkpoint", checkpoint)
        return size
    }

    private func fetch(_ target: String) throws -> [UInt8] {
        try hub.send(HubRequest(method: "GET", target: target)).body
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

    /// The files of a log of `size` entries, below its prefix (C2SP tlog-tiles, "Merkle Tree").
    static func tiles(size: Int64) -> [String] {
        var files = level("entries", count: size)
        var count = size
        var level = 0
        while count > 0 {
            files += Self.level(String(level), count: count)
            count /= tileWidth
            level += 1
        }
        return files
    }

    private static func level(_ name: String, count: Int64) -> [String] {
        var files = (0..<count / tileWidth).map { "tile/\(name)/\(number($0))" }
        let rest = count % tileWidth
        if rest > 0 { files.append("tile/\(name)/\(number(count / tileWidth)).p/\(rest)") }
        return files
    }

    /// A tile's number as a path: groups of three digits, all but the last behind an x.
    private static func number(_ number: Int64) -> String {
        var rest = number
        var parts: [String] = []
        repeat {
            let digits = String(rest % 1000)
            let group = String(repeating: "0", count: 3 - digits.count) + digits
            parts.insert(parts.isEmpty ? group : "x" + group, at: 0)
            rest /= 1000
        } while rest > 0
        return parts.joined(separator: "/")
    }
}
