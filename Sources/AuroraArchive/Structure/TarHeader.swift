/// The fields of one 512-byte tar header that Aurora looks at (POSIX.1-2017 pax, "ustar Interchange Format").
struct TarHeader {
    static let size = 512

    let name: [UInt8]
    let mode: UInt32
    let size: UInt64
    let typeFlag: UInt8
    let linkName: [UInt8]

    /// Reads a header block; its checksum is verified before any field is believed.
    init(_ block: UnsafeRawBufferPointer) throws(ArchiveRefusal) {
        let ownName = TarHeader.text(block, 0..<100)
        let label = EntryLabel.text(ownName)
        let dialect = try TarHeader.dialect(block, label)
        try TarHeader.verifyChecksum(block, label)
        name = dialect == .posix ? TarHeader.prefixed(ownName, block) : ownName
        linkName = TarHeader.text(block, 157..<257)
        typeFlag = block[156]
        guard let mode = TarHeader.octal(block, 100..<108) else {
            throw ArchiveRefusal(.corrupt, entry: label, "the mode field is not a number")
        }
        guard let size = TarHeader.number(block, 124..<136) else {
            throw ArchiveRefusal(.corrupt, entry: label, "the size field is not a number")
        }
        self.mode = UInt32(truncatingIfNeeded: mode) & 0o7777
        self.size = size
    }

    /// Whether a block could be a header: used only to tell an operator what follows the end of an archive.
    static func looksLikeHeader(_ block: UnsafeRawBufferPointer) -> Bool {
        (try? TarHeader(block)) != nil
    }

    private enum Dialect {
        case posix
        case gnu
    }

    private static func dialect(_ block: UnsafeRawBufferPointer, _ label: String) throws(ArchiveRefusal) -> Dialect {
        let magic = block[257..<265]
        if magic.elementsEqual("ustar\u{0}00".utf8) { return .posix }
        if magic.elementsEqual("ustar  \u{0}".utf8) { return .gnu }
        throw ArchiveRefusal(.tarDialect, entry: label, "neither POSIX (ustar, pax) nor GNU tar")
    }

    private static func verifyChecksum(_ block: UnsafeRawBufferPointer, _ label: String) throws(ArchiveRefusal) {
        var sum: UInt64 = 8 * 0x20
        for index in 0..<size where !(148..<156).contains(index) { sum += UInt64(block[index]) }
        guard octal(block, 148..<156) == sum else {
            throw ArchiveRefusal(.badChecksum, entry: label, "the header's checksum is wrong")
        }
    }

    private static func prefixed(_ name: [UInt8], _ block: UnsafeRawBufferPointer) -> [UInt8] {
        let prefix = text(block, 345..<500)
        return prefix.isEmpty ? name : prefix + [UInt8(ascii: "/")] + name
    }

    /// The bytes of a field up to its NUL.
    private static func text(_ block: UnsafeRawBufferPointer, _ range: Range<Int>) -> [UInt8] {
        Array(block[range].prefix { $0 != 0 })
    }

    /// An octal field: blanks, digits, then only blanks and NULs; a field without digits is zero.
    private static func octal(_ block: UnsafeRawBufferPointer, _ range: Range<Int>) -> UInt64? {
        var rest = block[range].drop { $0 == 0x20 }
        var value: UInt64 = 0
        while let digit = rest.first, (0x30..<0x38).contains(digit) {
            value = value << 3 | UInt64(digit - 0x30)
            rest = rest.dropFirst()
        }
        return rest.allSatisfy { $0 == 0 || $0 == 0x20 } ? value : nil
    }

    /// An octal field or GNU's base-256 for numbers that do not fit; negative numbers are refused.
    private static func number(_ block: UnsafeRawBufferPointer, _ range: Range<Int>) -> UInt64? {
        guard block[range.lowerBound] & 0x80 != 0 else { return octal(block, range) }
        guard block[range.lowerBound] == 0x80 else { return nil }
        var value: UInt64 = 0
        for byte in block[range].dropFirst() {
            guard value >> 55 == 0 else { return nil }
            value = value << 8 | UInt64(byte)
        }
        return value
    }
}
