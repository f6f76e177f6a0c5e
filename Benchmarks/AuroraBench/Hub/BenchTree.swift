import AuroraSystem

/// Trees of files of a given size.
enum BenchTree {
    /// What the files hold.
    enum Content {
        /// Holes: nothing on the disk, zeros when read.
        case sparse
        /// Bytes with 6 random bits each: gzip saves a quarter, as with programs and text mixed.
        case noise
    }

    /// Writes `files` files that hold `bytes` together; `version` makes the trees differ.
    static func write(_ folder: String, files: Int, bytes: Int, _ content: Content, version: Int) throws {
        try DurableFile.makeDirectory(folder)
        for number in 0..<files {
            let file = try Descriptor.open("\(folder)/pack-\(number)", [.writeOnly, .create, .truncate], mode: 0o644)
            switch content {
            case .sparse: try file.truncate(to: Int64(bytes / files))
            case .noise: try fill(file, bytes / files, seed: UInt64(number + 1))
            }
        }
        try DurableFile.replace("\(folder)/VERSION", contents: Array("\(version)\n".utf8), mode: 0o644)
    }

    /// Writes noise in pieces of 1 MiB.
    static func fill(_ file: borrowing Descriptor, _ count: Int, seed: UInt64, mask: UInt64 = 0x3F3F_3F3F_3F3F_3F3F)
        throws
    {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        var piece = [UInt64](repeating: 0, count: 1 << 17)
        var left = count
        while left > 0 {
            for index in piece.indices {
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                piece[index] = state & mask
            }
            let length = min(left, piece.count * 8)
            let whole = piece
            try whole.withUnsafeBytes { try file.write(all: UnsafeRawBufferPointer(rebasing: $0[..<length])) }
            left -= length
        }
    }
}
