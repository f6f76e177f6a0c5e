import AuroraModel
import AuroraSystem

@testable import AuroraActivation

/// A target that was interrupted at a chosen point, made with the engine's own parts.
///
/// Generation 1 (`v: 1`) is committed and active, generation 2 (`v: 2`) is prepared; then `steps` run as far as they go.
struct Interrupted {
    let target: TestTarget
    let worker: TargetWorker
    let old: Generation
    let new: Generation

    init(_ target: TestTarget) throws {
        do {
            let engine = try target.open()
            try target.promote(["v": "1"], engine)
            try target.prepare(["v": "2"], engine)
        }
        self.target = target
        worker = try TargetWorker(
            layout: TargetLayout(path: target.path), kind: target.kind, keep: 5, clock: .fixed(2_000))
        _ = try worker.recover()
        old = try worker.generation(1)
        new = try worker.generation(2)
    }

    func intent(_ action: Operation.Action = .activate) throws {
        let (from, to) = action == .activate ? (1, 2) : (2, 1)
        try worker.append(.intent(Operation(action: action, from: from, to: to, plan: nil, began: 5)))
    }

    func switchToNew() throws { try worker.switcher.perform(from: old, to: new) }
    func switchToOld() throws { try worker.switcher.perform(from: new, to: old) }

    /// Only the bookkeeping rename before the exchange of a directory target.
    func park() throws {
        guard target.kind == .directory else { return }
        try AtomicRename.noReplace(worker.layout.tree(2), worker.layout.tree(1))
    }

    /// The next start: a fresh engine.
    func restart() throws -> (engine: ActivationEngine, report: RecoveryReport) {
        let engine = try ActivationEngine(target: target.path, kind: target.kind, clock: .fixed(3_000))
        return (engine, try engine.recover())
    }
}
