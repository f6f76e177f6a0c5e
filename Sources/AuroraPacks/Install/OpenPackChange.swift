import AuroraActivation
import AuroraModel

/// A change that was begun, and whose end the log does not tell yet.
///
/// It is written with the use of the approval and removed with the entry of the end, so a kill anywhere between them leaves
/// word for the next start: the log gets its end, and an approval that switched nothing is given back.
struct OpenPackChange: Hashable, Sendable {
    let action: Operation.Action
    let plan: Digest
    /// The generation that was active when it began.
    let from: Int
    /// The generation that was asked for.
    let to: Int

    /// How it ended, as the engine's journal tells once nothing is open there; nil when it switched nothing.
    func ending(_ state: TargetState) -> ActivationOutcome? {
        state.ending(action, from: from, to: to, plan: plan)
    }
}

/// Data that are being put in place of a pack's, or the way back from that.
///
/// It is written with the entry in the log, before anything is renamed, and removed after the last rename: a kill between
/// them is finished by the next start, so that what the log says has happened.
struct OpenDataChange: Hashable, Sendable {
    let pack: PackID
    let isWayBack: Bool
}
