/// One record as bytes: magic, length, sequence, checksum, payload.
///
/// See docs/formats/journal.md.
enum JournalFrame {
    /// The first bytes of a journal file.
    static let fileHeader = Array("aurora-journal-1\n".utf8)
    static let magic: [UInt8] = Array("AJR1".utf8)
    /// Magic, length (4), sequence (8) and checksum (4).
    static let headerSize = 20
    static let maximumPayload = 1 << 20

    static func encode(sequence: UInt64, payload: [UInt8]) -> [UInt8] {
        let covered = bigEndian(UInt32(payload.count)) + bigEndian(sequence)
        return magic + covered + bigEndian(CRC32C.checksum(covered + payload)) + payload
    }

    /// The record that starts at `offset`, or nil when what is there is not a whole, undamaged record.
    static func decode(_ bytes: [UInt8], at offset: Int) -> (sequence: UInt64, payload: [UInt8], end: Int)? {
        guard offset + headerSize <= bytes.count, bytes[offset..<offset + 4].elementsEqual(magic) else { return nil }
        let length = Int(number(bytes, offset + 4, 4))
        guard length <= maximumPayload, offset + headerSize + length <= bytes.count else { return nil }
        let payload = Array(bytes[offset + headerSize..<offset + headerSize + length])
        let covered = bytes[offset + 4..<offset + 16] + payload
        guard CRC32C.checksum(covered) == UInt32(number(bytes, offset + 16, 4)) else { return nil }
        return (number(bytes, offset + 8, 8), payload, offset + headerSize + length)
    }

    /// Where the next undamaged record starts, looking from `offset` on; nil when there is none.
    static func nextRecord(_ bytes: [UInt8], from offset: Int) -> Int? {
        guard offset + headerSize <= bytes.count else { return nil }
        return (offset...bytes.count - headerSize).first { decode(bytes, at: $0) != nil }
    }

    private static func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
    }

    private static func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> UInt64 {
        bytes[offset..<offset + count].reduce(0) { $0 << 8 | UInt64($1) }
    }
}
