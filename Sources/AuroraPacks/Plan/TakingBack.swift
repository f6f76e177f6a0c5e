import AuroraActivation

extension TargetState {
    /// The generation that the last change of packs can be taken back to without an approval; nil when nothing can.
    ///
    /// The right came with the approval of the active generation and ends with the next change: also with one that was taken
    /// back by itself, which is the one shot of that change. A change that switched nothing leaves it alone. The engine keeps
    /// the way back of the active generation through both; whose right it is to go it, is decided here.
    var takeBack: Generation? {
        guard let active, let undo, !hasFallenBack(to: active) else { return nil }
        return generation(undo)
    }

    /// Whether a later change than the one of the active generation was switched to and failed.
    func hasFallenBack(to active: Int) -> Bool {
        generations.contains { $0.number > active && $0.state == .failed }
            || blocked.contains { $0.generation > active }
    }
}
