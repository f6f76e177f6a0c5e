/// Several entries in one file: for each, its length as two bytes (big-endian) and its bytes.
enum EntryBundle {
    /// The most bytes an entry may have.
    static let entryLimit = 65_535

    /// Joins entries.
    static func encode(_ entries: [[UInt8]]) -> [UInt8] {
        entries.flatMap { [UInt8($0.count >> 8), UInt8($0.count & 255)] + $0 }
    }

    /// Parts a bundle; `isComplete` is false when bytes are left over or missing at the end.
    static func decode(_ bytes: [UInt8]) -> (entries: [[UInt8]], isComplete: Bool) {
        var entries: [[UInt8]] = []
        var position = 0
        while position + 2 <= bytes.count {
            let count = Int(bytes[position]) << 8 | Int(bytes[position + 1])
            guard position + 2 + count <= bytes.count else { break }
            entries.append(Array(bytes[position + 2..<position + 2 + count]))
            position += 2 + count
        }
        return (entries, position == bytes.count)
    }
}
