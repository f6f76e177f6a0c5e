/// What a verification of a log found.
package struct AuditReport: Hashable, Sendable {
    /// One thing that is wrong.
    package struct Problem: Hashable, Sendable {
        /// The kind of damage or forgery; raw values are stable and shown to programs.
        package enum Kind: String, Hashable, Sendable, CaseIterable {
            case checkpointMissing = "checkpoint_missing"
            case checkpointMalformed = "checkpoint_malformed"
            /// Not signed by the given key.
            case wrongKey = "wrong_key"
            /// A signature that claims to be of the given key and is not.
            case badSignature = "bad_signature"
            case wrongOrigin = "wrong_origin"
            case entryMissing = "entry_missing"
            case entryChanged = "entry_changed"
            case bundleDamaged = "bundle_damaged"
            case tileMissing = "tile_missing"
            case tileDamaged = "tile_damaged"
            case rootMismatch = "root_mismatch"
            /// The log is shorter than a checkpoint that was signed for it.
            case tailCut = "tail_cut"
            /// The log is not the one that an earlier checkpoint was signed for.
            case historyChanged = "history_changed"
            /// The database's own account of the log does not fit its rows.
            case stateDamaged = "state_damaged"
        }

        /// What kind it is.
        package let kind: Kind
        /// The first entry it concerns, from 0; nil when it concerns the log as a whole.
        package let entry: Int64?
        /// A sentence for a person.
        package let explanation: String
    }

    /// The number of entries that were read.
    package var size: Int64
    /// The signed checkpoint the log was compared with, if its signature is good.
    package var checkpoint: Checkpoint?
    /// All that is wrong, at most 100.
    package var problems: [Problem]

    /// Whether nothing is wrong.
    package var isSound: Bool { problems.isEmpty }

    /// The lowest number of an entry that is wrong or missing; nil when none can be named.
    package var firstBadEntry: Int64? { problems.compactMap(\.entry).min() }

    /// One line for a person.
    package var summary: String {
        guard let first = problems.min(by: { ($0.entry ?? .max) < ($1.entry ?? .max) }) else {
            return "\(size) entries verified"
        }
        return problems.count == 1 ? first.explanation : "\(first.explanation) (and \(problems.count - 1) more)"
    }

    /// Both reports as one.
    func merged(with other: AuditReport) -> AuditReport {
        AuditReport(
            size: max(size, other.size), checkpoint: checkpoint ?? other.checkpoint,
            problems: Array((problems + other.problems).prefix(100)))
    }
}
