/// Keeps the first and the last bytes of a stream of any length in bounded memory.
package struct BoundedOutput: Sendable {
    private let headLimit: Int
    private let tailLimit: Int
    private var head: [UInt8] = []
    private var tail: [UInt8] = []
    /// Whether bytes in the middle were dropped.
    package private(set) var isTruncated = false

    /// Keeps at most `limit` bytes: the first half and the last half.
    package init(limit: Int) {
        headLimit = max(0, limit) / 2
        tailLimit = max(0, limit) - headLimit
    }

    /// Takes the next bytes.
    package mutating func append(_ bytes: ArraySlice<UInt8>) {
        let toHead = min(headLimit - head.count, bytes.count)
        head.append(contentsOf: bytes.prefix(toHead))
        tail.append(contentsOf: bytes.dropFirst(toHead))
        // Trimmed only now and then, so that each byte is moved a bounded number of times.
        if tail.count > 2 * tailLimit + 4096 { trim() }
    }

    private mutating func trim() {
        if tail.count <= tailLimit { return }
        tail.removeFirst(tail.count - tailLimit)
        isTruncated = true
    }

    /// The kept bytes; call once the stream has ended.
    package mutating func finish() -> [UInt8] {
        trim()
        return head + tail
    }
}
