import AuroraModel

/// Recomputes a log entry by entry and compares it on the way with what is said about it.
///
/// It is given entries in order, together with the hashes that tiles or rows state for them, and checkpoints that were
/// signed for the log. What can be pinned to an entry is; what only shows in a node above is pinned to the first entry
/// below that node.
struct LogCheck {
    private static let problemLimit = 100

    private(set) var range = CompactRange()
    private(set) var problems: [AuditReport.Problem] = []
    /// Whether every entry so far was there, so that roots mean something.
    private(set) var isComplete = true
    private let checkpoints: [Checkpoint]
    /// The largest size at which a checkpoint was met.
    private var provenSize: Int64 = 0

    /// - Parameter checkpoints: Signed for this log, in any order.
    init(checkpoints: [Checkpoint]) {
        self.checkpoints = checkpoints.sorted { $0.size < $1.size }
    }

    mutating func report(_ kind: AuditReport.Problem.Kind, entry: Int64?, _ explanation: String) {
        guard problems.count < Self.problemLimit else { return }
        problems.append(AuditReport.Problem(kind: kind, entry: entry, explanation: explanation))
    }

    /// Takes the next entry; a missing one is stood for by its stated hash, so that those after it can still be checked.
    ///
    /// - Parameter statedNode: Returns the stated hash of a tile level, to be compared when the tile below is full.
    /// - Returns: Whether the check can go on.
    mutating func take(
        entry: [UInt8]?, statedLeaf: Digest?, statedNode: (_ level: Int, _ number: Int64) throws -> Digest?
    ) rethrows -> Bool {
        let number = range.size
        guard let leaf = entry.map(MerkleTree.leafHash) ?? statedLeaf else {
            isComplete = false
            return false
        }
        if entry != nil, let statedLeaf, statedLeaf != leaf {
            report(.entryChanged, entry: number, "entry \(number) is not the one whose hash is kept")
        }
        for node in range.append(leaf) {
            let level = node.height / TileLayout.height
            let stated = try statedNode(level, node.index)
            if stated != node.hash { judge(node, level: level, isStated: stated != nil) }
        }
        meetCheckpoints()
        return true
    }

    /// A node differs from what is stated for it: news only if nothing below it was reported.
    private mutating func judge(_ node: CompactRange.Subtree, level: Int, isStated: Bool) {
        let first = node.index << Int64(node.height)
        let end = range.size
        guard !problems.contains(where: { $0.entry.map { (first..<end).contains($0) } ?? false }) else { return }
        let words = "hash \(node.index) of level \(level), which covers entries \(first) to \(end - 1),"
        if isStated {
            report(.tileDamaged, entry: first, "\(words) does not fit them")
        } else {
            report(.tileMissing, entry: first, "\(words) is missing")
        }
    }

    private mutating func meetCheckpoints() {
        for checkpoint in checkpoints where checkpoint.size == range.size {
            if range.root == checkpoint.root {
                provenSize = range.size
                // The entries are proven; what was found so far is wrong in the hashes kept beside them.
                problems = problems.map { problem in
                    guard problem.kind == .entryChanged, let entry = problem.entry else { return problem }
                    return AuditReport.Problem(
                        kind: .tileDamaged, entry: entry,
                        explanation: "the hash kept for entry \(entry) is wrong; the entry itself is right")
                }
            } else if !problems.contains(where: { $0.entry != nil }) {
                report(
                    .historyChanged, entry: provenSize,
                    "entries \(provenSize) to \(range.size - 1) are not those that were signed at \(checkpoint.size): "
                        + "the root is \(range.root.short), signed was \(checkpoint.root.short)")
            }
        }
    }

    /// Ends the check: a checkpoint beyond the last entry means that the end was cut off.
    mutating func finish() {
        for checkpoint in checkpoints where checkpoint.size > range.size && isComplete {
            report(
                .tailCut, entry: range.size,
                "the log ends after \(range.size) entries, but \(checkpoint.size) were signed: the end was cut off")
            return
        }
        for checkpoint in checkpoints where checkpoint.size == 0 && checkpoint.root != MerkleTree.emptyRoot {
            report(.rootMismatch, entry: nil, "the checkpoint of the empty log has a wrong root")
        }
    }
}
