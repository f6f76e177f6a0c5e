/// Writes tar blocks by hand, so that every field can be wrong in exactly one way.
package struct TarBuilder: Sendable {
    /// The bytes so far.
    package private(set) var bytes: [UInt8] = []

    /// An archive without anything in it, not even an end.
    package init() {}

    /// The fields of one header; the defaults make a valid empty file.
    package struct Header: Sendable {
        package var name: [UInt8]
        package var type: Character = "0"
        package var size: UInt64 = 0
        package var mode: UInt64 = 0o644
        package var link: [UInt8] = []
        package var prefix: [UInt8] = []
        package var magic = "ustar\u{0}00"
        /// Replaces the twelve bytes of the size field.
        package var rawSize: [UInt8]?
        /// Added to the right checksum.
        package var checksumError: UInt64 = 0

        package init(_ name: String, type: Character = "0") {
            self.name = Array(name.utf8)
            self.type = type
        }
    }

    /// Adds bytes as they are.
    package mutating func raw(_ more: some Sequence<UInt8>) { bytes += more }

    /// Adds one header block.
    package mutating func header(_ header: Header) {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ value: some Collection<UInt8>, at offset: Int, width: Int) {
            for (index, byte) in value.prefix(width).enumerated() { block[offset + index] = byte }
        }
        put(header.name, at: 0, width: 100)
        put(TarBuilder.octal(header.mode, 7), at: 100, width: 8)
        put(TarBuilder.octal(0, 7), at: 108, width: 8)
        put(TarBuilder.octal(0, 7), at: 116, width: 8)
        put(header.rawSize ?? TarBuilder.octal(header.size, 11), at: 124, width: 12)
        put(TarBuilder.octal(1_700_000_000, 11), at: 136, width: 12)
        block[156] = header.type.asciiValue ?? 0
        put(header.link, at: 157, width: 100)
        put(Array(header.magic.utf8), at: 257, width: 8)
        put(header.prefix, at: 345, width: 155)
        let sum = block.reduce(8 * 0x20) { $0 + UInt64($1) } + header.checksumError
        put(TarBuilder.octal(sum, 6) + [0, 0x20], at: 148, width: 8)
        bytes += block
    }

    /// Adds content and its padding.
    package mutating func content(_ more: some Collection<UInt8>) {
        bytes += more
        pad()
    }

    /// Fills the last block with zeros.
    package mutating func pad() {
        bytes += [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
    }

    /// Adds a file.
    package mutating func file(
        _ name: String, _ text: String = "", mode: UInt64 = 0o644, change: (inout Header) -> Void = { _ in }
    ) {
        var header = Header(name)
        header.size = UInt64(text.utf8.count)
        header.mode = mode
        change(&header)
        self.header(header)
        content(Array(text.utf8))
    }

    /// Adds a directory.
    package mutating func directory(_ name: String, mode: UInt64 = 0o755) {
        var header = Header(name, type: "5")
        header.mode = mode
        self.header(header)
    }

    /// Adds a symbolic link.
    package mutating func symlink(_ name: String, to target: String) {
        var header = Header(name, type: "2")
        header.mode = 0o777
        header.link = Array(target.utf8)
        self.header(header)
    }

    /// Adds a hard link.
    package mutating func hardLink(_ name: String, to target: String) {
        var header = Header(name, type: "1")
        header.link = Array(target.utf8)
        self.header(header)
    }

    /// Adds a record that describes the next entry: `x`, `g`, `L` or `K`.
    package mutating func record(_ type: Character, _ data: [UInt8]) {
        var header = Header(type == "L" || type == "K" ? "././@LongLink" : "PaxHeaders/x", type: type)
        header.size = UInt64(data.count)
        if type == "L" || type == "K" { header.magic = "ustar  \u{0}" }
        self.header(header)
        content(data)
    }

    /// Adds a pax header with these records.
    package mutating func pax(_ records: [(String, String)], type: Character = "x") {
        record(type, records.flatMap { TarBuilder.paxRecord($0.0, Array($0.1.utf8)) })
    }

    /// Ends the archive with two blocks of zeros.
    package mutating func end() { bytes += [UInt8](repeating: 0, count: 1024) }

    /// One pax record, whose length counts its own digits.
    package static func paxRecord(_ key: String, _ value: [UInt8]) -> [UInt8] {
        let rest = 1 + key.utf8.count + 1 + value.count + 1
        var length = rest + 1
        while length != rest + String(length).utf8.count { length = rest + String(length).utf8.count }
        return Array("\(length) \(key)=".utf8) + value + [0x0a]
    }

    private static func octal(_ value: UInt64, _ digits: Int) -> [UInt8] {
        let text = String(value, radix: 8)
        return Array((String(repeating: "0", count: max(0, digits - text.count)) + text).utf8)
    }
}
