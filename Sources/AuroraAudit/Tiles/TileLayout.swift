/// Where the files of a published log lie (C2SP tlog-tiles).
package enum TileLayout {
    /// The height of a tile: it holds 2^8 hashes.
    static let height = 8
    /// The number of hashes or entries in a full tile.
    static let width = 256

    /// One hash tile or entry bundle.
    package struct Tile: Hashable, Sendable {
        /// The level of a hash tile; nil for an entry bundle, which belongs to level 0.
        package let level: Int?
        /// Its number.
        package let number: Int64
        /// How many hashes or entries it holds, 1 to 256; 256 is a full tile.
        package let width: Int

        /// Its path below the log's folder, such as `tile/0/x001/234.p/17`.
        package var path: String {
            let full = fullPath
            return width == TileLayout.width ? full : "\(full).p/\(width)"
        }

        /// The path of the full tile, whatever the width is.
        var fullPath: String {
            "tile/\(level.map(String.init) ?? "entries")/\(TileLayout.name(of: number))"
        }

        /// The number of the first log entry that the tile covers.
        var firstEntry: Int64 { number << Int64(TileLayout.height * ((level ?? 0) + 1)) }
    }

    /// All tiles of a log of `size` that are not complete at `published` entries; bundles and level 0 first.
    package static func tiles(from published: Int64, to size: Int64) -> [Tile] {
        var tiles: [Tile] = []
        var level = 0
        while true {
            let (old, new) = (published >> Int64(height * level), size >> Int64(height * level))
            guard new > 0 else { return tiles }
            if new > old {
                for number in old / Int64(width)...(new - 1) / Int64(width) {
                    let count = Int(min(Int64(width), new - number * Int64(width)))
                    if level == 0 { tiles.append(Tile(level: nil, number: number, width: count)) }
                    tiles.append(Tile(level: level, number: number, width: count))
                }
            }
            level += 1
        }
    }

    /// A number in groups of three digits, all but the last marked: 1234067 is `x001/x234/067`.
    static func name(of number: Int64) -> String {
        var groups = [padded(number % 1_000)]
        var rest = number / 1_000
        while rest > 0 {
            groups.append("x" + padded(rest % 1_000))
            rest /= 1_000
        }
        return groups.reversed().joined(separator: "/")
    }

    private static func padded(_ number: Int64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 3 - digits.utf8.count) + digits
    }
}
