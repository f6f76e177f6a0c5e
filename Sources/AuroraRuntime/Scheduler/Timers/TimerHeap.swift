/// What is due when: the earliest first, and of equal moments the one that was put in first.
///
/// A heap of four children each in one array: 24 bytes an entry, so that a million take 24 MiB.
struct TimerHeap {
    /// One entry: a moment and the number its owner knows it by.
    struct Entry {
        var moment: Int64
        var sequence: UInt64
        var key: UInt64

        func precedes(_ other: Entry) -> Bool {
            moment != other.moment ? moment < other.moment : sequence < other.sequence
        }
    }

    private var entries: [Entry] = []
    private var sequence: UInt64 = 0

    var count: Int { entries.count }
    var first: Entry? { entries.first }

    /// Adds an entry behind all of the same moment.
    mutating func insert(moment: Int64, key: UInt64) {
        sequence += 1
        entries.append(Entry(moment: moment, sequence: sequence, key: key))
        rise(entries.count - 1)
    }

    /// Takes the first entry out when it is due.
    mutating func popFirst(until moment: Int64) -> Entry? {
        guard let first = entries.first, first.moment <= moment else { return nil }
        let last = entries.removeLast()
        if !entries.isEmpty {
            entries[0] = last
            sink(0)
        }
        return first
    }

    /// Keeps only what `isWanted` accepts; order of equal moments stays.
    mutating func filter(_ isWanted: (UInt64) -> Bool) {
        entries.removeAll { !isWanted($0.key) }
        guard entries.count > 1 else { return }
        for index in stride(from: (entries.count - 2) / 4, through: 0, by: -1) { sink(index) }
    }

    private mutating func rise(_ start: Int) {
        entries.withUnsafeMutableBufferPointer { entries in
            var index = start
            let entry = entries[index]
            while index > 0 {
                let parent = (index - 1) / 4
                guard entry.precedes(entries[parent]) else { break }
                entries[index] = entries[parent]
                index = parent
            }
            entries[index] = entry
        }
    }

    private mutating func sink(_ start: Int) {
        entries.withUnsafeMutableBufferPointer { entries in
            var index = start
            let entry = entries[index]
            while true {
                let firstChild = index * 4 + 1
                guard firstChild < entries.count else { break }
                var least = firstChild
                for child in firstChild..<min(firstChild + 4, entries.count)
                where entries[child].precedes(entries[least]) {
                    least = child
                }
                guard entries[least].precedes(entry) else { break }
                entries[index] = entries[least]
                index = least
            }
            entries[index] = entry
        }
    }
}
