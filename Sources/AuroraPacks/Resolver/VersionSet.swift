/// A set of small numbers: which of a pack's possibilities are meant.
///
/// Number 0 is "the pack is not there", 1 … n are its known versions, the preferred one first. Exact where intervals are
/// not: a range without prereleases has a complement, too. Two sets that meet belong to one pack, so have one length.
struct VersionSet: Hashable, Sendable {
    /// Numbers 0 … 63: all that most packs have.
    private var low: UInt64 = 0
    /// The others, 64 to a word.
    private var high: [UInt64]

    /// The empty set of numbers below `count`.
    init(below count: Int) {
        high = [UInt64](repeating: 0, count: max(0, (count + 63) / 64 - 1))
    }

    /// All numbers below `count`.
    static func all(below count: Int) -> VersionSet {
        var set = VersionSet(below: count)
        for number in 0..<count { set.insert(number) }
        return set
    }

    mutating func insert(_ number: Int) {
        if number < 64 { low |= 1 << UInt64(number) } else { high[number / 64 - 1] |= 1 << UInt64(number % 64) }
    }

    func contains(_ number: Int) -> Bool {
        let word = number < 64 ? low : high[number / 64 - 1]
        return word >> UInt64(number % 64) & 1 == 1
    }

    var isEmpty: Bool { low == 0 && high.allSatisfy { $0 == 0 } }

    /// Its numbers, rising.
    var numbers: [Int] {
        var found: [Int] = []
        for (index, word) in ([low] + high).enumerated() {
            var rest = word
            while rest != 0 {
                found.append(index * 64 + rest.trailingZeroBitCount)
                rest &= rest - 1
            }
        }
        return found
    }

    /// The lowest number that is not 0.
    var firstVersion: Int? {
        let versions = low & ~1
        if versions != 0 { return versions.trailingZeroBitCount }
        guard let index = high.firstIndex(where: { $0 != 0 }) else { return nil }
        return (index + 1) * 64 + high[index].trailingZeroBitCount
    }

    func isSubset(of other: VersionSet) -> Bool {
        low & ~other.low == 0 && zip(high, other.high).allSatisfy { $0 & ~$1 == 0 }
    }

    func isDisjoint(with other: VersionSet) -> Bool {
        low & other.low == 0 && zip(high, other.high).allSatisfy { $0 & $1 == 0 }
    }

    func intersection(_ other: VersionSet) -> VersionSet { combined(with: other, &) }

    func union(_ other: VersionSet) -> VersionSet { combined(with: other, |) }

    func subtracting(_ other: VersionSet) -> VersionSet { combined(with: other) { $0 & ~$1 } }

    private func combined(with other: VersionSet, _ join: (UInt64, UInt64) -> UInt64) -> VersionSet {
        var result = self
        result.low = join(low, other.low)
        for index in high.indices { result.high[index] = join(high[index], other.high[index]) }
        return result
    }
}
