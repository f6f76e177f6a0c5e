package import AuroraModel

/// One fact in the journal; the state of a target is what all of them together say.
enum JournalRecord: Hashable {
    /// Existing content is about to be moved under Aurora's care.
    case adopting(form: AdoptedForm, identity: TreeIdentity?)
    /// Existing content is generation 0 now.
    case adopted(Generation)
    /// `gen/<n>` is complete and durable.
    case prepared(Generation)
    /// The switch from one generation to another may happen any moment now.
    case intent(Operation)
    /// Recovery found the switch done and made it durable; the gate decides next.
    case switched
    /// The gate is tried again after an interruption; counted from 2.
    case gate(attempt: Int)
    /// The gate passed: the new generation stays.
    case commit(time: Int64)
    /// The way back has begun.
    case rollback(reason: String, blamed: [Digest] = [])
    /// The old generation is back and healthy.
    case rolledBack(time: Int64)
    /// Nothing was switched, or it was undone before anyone could see it.
    case aborted(reason: String)
    /// The generation that should be running is not healthy either; a person must decide.
    case degraded(reason: String, time: Int64)
    case unblocked(Digest)
    case pinned(Int)
    case unpinned(Int)
    /// These generations are gone.
    case collected([Int])
    /// Everything so far in one record.
    case snapshot(TargetState)
}

/// What kind of thing was at the path before Aurora took it over.
enum AdoptedForm: String, Hashable, Sendable {
    case none
    case directory
    case link
}

/// An activation or a rollback from its intent to its end.
package struct Operation: Hashable, Sendable {
    /// What is being done.
    package enum Action: String, Hashable, Sendable {
        /// A generation is made active; it falls back by itself when it is not healthy.
        case activate
        /// The active generation is taken back by a person.
        case rollback
    }

    /// How far the journal says it got.
    package enum Phase: String, Hashable, Sendable {
        case intent
        case switched
        case rollingBack
    }

    package let action: Action
    package let from: Int
    package let to: Int
    /// The digest of the approved plan of generation `to`; nil when it has none.
    package let plan: Digest?
    /// Milliseconds since 1970.
    package let began: Int64
    package var phase: Phase = .intent
    /// How many times the gate was begun.
    package var attempts = 1
    /// Why it is being taken back, once it is.
    package var reason: String?
    /// Whether it changes something beside the tree, which must be taken back before the old generation is started.
    package var hasSideWork = false
    /// The parts of generation `to` that made it unhealthy; empty when nobody knows.
    package var blamed: [Digest] = []
}
