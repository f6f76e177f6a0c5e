/// Reads compiled time zones: TZif of version 2 or later, with the rule at its end (RFC 8536).
///
/// The bytes are not trusted: every count is checked against their length, and nothing is computed that could overflow.
struct ZoneFile {
    /// Why a file is refused.
    struct Damage: Error, Hashable {
        let reason: String
    }

    /// The moments at which the offset changes, ascending, with the index of the offset from then on.
    private(set) var moments: [Int64] = []
    private(set) var kinds: [UInt8] = []
    /// Seconds east of UTC of each kind.
    private(set) var offsets: [Int64] = []
    /// What holds after the last moment; nil when the file says nothing.
    private(set) var rule: ZoneRule?

    private static let headerLength = 44

    private struct Counts {
        var universal = 0
        var standard = 0
        var leaps = 0
        var times = 0
        var types = 0
        var characters = 0

        func length(timeSize: Int) -> Int {
            times * timeSize + times + types * 6 + characters + leaps * (timeSize + 4) + standard + universal
        }
    }

    /// Reads a whole file.
    init(_ bytes: [UInt8]) throws(Damage) {
        let first = try Self.header(bytes, at: 0)
        guard bytes[4] >= UInt8(ascii: "2") else { throw Damage(reason: "it is of version 1, which ends in 2037") }
        let second = Self.headerLength + first.length(timeSize: 4)
        let counts = try Self.header(bytes, at: second)
        let body = second + Self.headerLength
        let end = body + counts.length(timeSize: 8)
        guard end <= bytes.count else { throw Damage(reason: "it ends too early") }
        guard counts.leaps == 0 else { throw Damage(reason: "it counts leap seconds (one of right/)") }
        try readTables(bytes, at: body, counts)
        try readRule(bytes[end...])
    }

    private static func header(_ bytes: [UInt8], at start: Int) throws(Damage) -> Counts {
        guard bytes.count >= start + headerLength, bytes[start..<start + 4].elementsEqual("TZif".utf8) else {
            throw Damage(reason: "it is no compiled time zone (TZif)")
        }
        func count(_ index: Int) -> Int { Int(integer(bytes, start + 20 + index * 4, 4)) }
        let counts = Counts(
            universal: count(0), standard: count(1), leaps: count(2), times: count(3), types: count(4),
            characters: count(5))
        let all = [counts.universal, counts.standard, counts.leaps, counts.times, counts.types, counts.characters]
        guard all.allSatisfy({ (0...20_000).contains($0) }), (1...256).contains(counts.types) else {
            throw Damage(reason: "its header has impossible counts")
        }
        return counts
    }

    private mutating func readTables(_ bytes: [UInt8], at body: Int, _ counts: Counts) throws(Damage) {
        moments = (0..<counts.times).map { Self.integer(bytes, body + $0 * 8, 8) }
        kinds = Array(bytes[body + counts.times * 8..<body + counts.times * 9])
        let types = body + counts.times * 9
        offsets = (0..<counts.types).map { Self.integer(bytes, types + $0 * 6, 4) }
        guard zip(moments, moments.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw Damage(reason: "its moments are not in order")
        }
        // The first moment of some files stands for the beginning of time: 2^59 seconds before 1970.
        guard moments.allSatisfy({ $0.magnitude <= 1 << 60 }) else { throw Damage(reason: "a moment is absurd") }
        guard kinds.allSatisfy({ Int($0) < counts.types }) else { throw Damage(reason: "a moment has no offset") }
        // RFC 8536 §3.2 allows more; no zone ever had an offset of more than a day.
        guard offsets.allSatisfy({ (-93_599...93_599).contains($0) }) else {
            throw Damage(reason: "an offset is absurd")
        }
    }

    private mutating func readRule(_ rest: ArraySlice<UInt8>) throws(Damage) {
        guard rest.count >= 2, rest.count <= 256, rest.first == 0x0A, rest.last == 0x0A else {
            throw Damage(reason: "its last line is missing")
        }
        let text = rest.dropFirst().dropLast()
        guard !text.isEmpty else { return }
        guard let rule = ZoneRule(text) else { throw Damage(reason: "its last line is no rule") }
        self.rule = rule
    }

    /// A big-endian signed number; the caller has checked that it is there.
    private static func integer(_ bytes: [UInt8], _ start: Int, _ size: Int) -> Int64 {
        var value: Int64 = bytes[start] & 0x80 != 0 ? -1 : 0
        for byte in bytes[start..<start + size] { value = value << 8 | Int64(byte) }
        return value
    }
}
