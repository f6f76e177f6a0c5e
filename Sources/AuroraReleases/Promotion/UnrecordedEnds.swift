import Synchronization

/// The end of a change that the database would not take yet.
struct UnrecordedEnd: Sendable {
    let promotion: Promotion
    let target: Target
    let conclusion: Conclusion
}

/// Ends that wait to be written; their targets stay reserved until then.
final class UnrecordedEnds: Sendable {
    private let waiting = Mutex<[UnrecordedEnd]>([])

    var count: Int { waiting.withLock { $0.count } }

    func add(_ end: UnrecordedEnd) { waiting.withLock { $0.append(end) } }

    /// Hands all of them over, to one caller only.
    func takeAll() -> [UnrecordedEnd] {
        waiting.withLock { ends in
            defer { ends = [] }
            return ends
        }
    }
}
