import AuroraSystem

/// A question to a service, and the place for its answer.
final class Question: Sendable {
    /// The answer, or that there will be none.
    struct Reply: Sendable {
        let answer: ProbeAnswer?
    }

    let answer = Monitor<Reply?>(nil)

    func reply(_ found: ProbeAnswer?) { answer.change(wakingAll: true) { $0 = Reply(answer: found) } }
}
