import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Testing

@testable import AuroraActivation

/// What a device does beside its switch: done after the intent, taken back before anything old starts again.
@Suite struct SideWorkTests {
    struct Fault: Error {}

    /// What happened, in order; a class because closures write it.
    final class Log {
        var lines: [String] = []
        var undoFailures = 0
        var isPrepared = true

        func beside(failing: Bool = false) -> SideWork {
            SideWork(
                prepare: { [self] in
                    lines.append("prepare")
                    if failing { throw Fault() }
                },
                undo: { [self] in
                    lines.append("undo")
                    guard undoFailures == 0 else {
                        undoFailures -= 1
                        throw Fault()
                    }
                })
        }
        func apply() { lines.append("apply") }
    }

    private func with(_ body: (TestDevice, ActivationEngine, Log) throws -> Void) throws {
        try withTemporaryDirectory { root in
            let device = TestDevice(root: root)
            let engine = try device.open()
            try engine.activate(try device.prepare(["a": "1"], engine).number)
            _ = try device.prepare(["a": "2"], engine)
            try body(device, engine, Log())
        }
    }

    /// A kill: a worker of its own that got this far, then a fresh engine.
    private func interrupted(
        after steps: (TargetWorker, Operation) throws -> Void,
        then body: (TestDevice, ActivationEngine, Log) throws -> Void
    ) throws {
        try withTemporaryDirectory { root in
            let device = TestDevice(root: root)
            do {
                let engine = try device.open()
                try engine.activate(try device.prepare(["a": "1"], engine).number)
                _ = try device.prepare(["a": "2"], engine)
            }
            let worker = try TargetWorker(
                layout: TargetLayout(device: root), kind: .link, keep: 5, clock: .fixed(2_000))
            _ = try worker.recover()
            let operation = Operation(
                action: .activate, from: 1, to: 2, plan: nil, began: 5, hasSideWork: true)
            try worker.append(.intent(operation))
            try steps(worker, operation)
            try body(device, try ActivationEngine(device: root, clock: .fixed(3_000)), Log())
        }
    }

    private func fails(_ body: () throws -> Void) -> Bool {
        do { try body() } catch { return error is Fault }
        return false
    }

    private func switchToNew(_ worker: TargetWorker) throws {
        try worker.switcher.perform(from: try worker.generation(1), to: try worker.generation(2))
    }

    @Test("the work beside the tree is done between the intent and the switch")
    func order() throws {
        try with { device, engine, log in
            var phases: [ActivationPhase] = []
            var seen: String?
            let beside = SideWork(prepare: { seen = try device.text("a") }, undo: { log.lines.append("undo") })
            _ = try engine.activate(
                2, onPhase: { phases.append($0) }, beside: beside, apply: log.apply, health: { .healthy })
            #expect(seen == "1")
            #expect(phases == [.intent, .preparing, .switched, .applying, .checking, .committed])
            #expect(log.lines == ["apply"])
        }
    }

    @Test("work that fails ends with nothing switched, everything taken back, and the old generation started again")
    func failing() throws {
        try with { device, engine, log in
            #expect(
                fails {
                    _ = try engine.activate(
                        2, beside: log.beside(failing: true), apply: log.apply, health: { .healthy })
                })
            #expect(log.lines == ["prepare", "undo", "apply"])
            let text = try device.text("a")
            #expect(text == "1")
            #expect(engine.state.open == nil)
            #expect(engine.blocked().isEmpty)
            #expect(try engine.activate(2).result == .committed)
        }
    }

    @Test("bad health: the switch goes back, then the work, then the old generation starts")
    func unhealthy() throws {
        try with { device, engine, log in
            var texts: [String?] = []
            let beside = SideWork(prepare: {}, undo: { texts.append(try device.text("a")) })
            var isFirst = true
            let outcome = try engine.activate(
                2, beside: beside, apply: { texts.append(try device.text("a")) },
                health: {
                    defer { isFirst = false }
                    return isFirst ? .unhealthy("no") : .healthy
                })
            #expect(outcome.result == .rolledBack)
            #expect(texts == ["2", "1", "1"])
        }
    }

    @Test("work that cannot be taken back keeps the old generation from starting until it can")
    func undoFails() throws {
        try with { device, engine, log in
            log.undoFailures = 2
            #expect(
                fails {
                    _ = try engine.activate(
                        2, beside: log.beside(failing: true), apply: log.apply, health: { .healthy })
                })
            #expect(log.lines == ["prepare", "undo"])
            #expect(code { try engine.activate(2) } == .needsGate)
            #expect(
                fails {
                    _ = try engine.resume(beside: log.beside(), apply: log.apply, health: { .healthy })
                })
            let outcome = try engine.resume(beside: log.beside(), apply: log.apply, health: { .healthy })
            #expect(outcome == nil)
            #expect(log.lines == ["prepare", "undo", "undo", "undo", "apply"])
            #expect(try engine.activate(2).result == .committed)
        }
    }

    @Test("killed with the intent and the old tree: the next start takes the work back and starts the old generation")
    func intentOld() throws {
        try interrupted(
            after: { _, _ in },
            then: { device, engine, log in
                guard case .needsUndo(let operation) = try engine.recover().finding else {
                    Issue.record("the work was forgotten")
                    return
                }
                #expect(operation.to == 2)
                #expect(code { try engine.activate(2) } == .needsGate)
                let report = try engine.recover(beside: log.beside(), apply: log.apply, health: { .healthy })
                #expect(report.outcome == nil)
                #expect(log.lines == ["undo", "apply"])
                #expect(try engine.recover().finding == .clean)
                #expect(try device.text("a") == "1")
            })
    }

    @Test("killed after the switch: the new generation is started on what was prepared, nothing is taken back")
    func intentNew() throws {
        try interrupted(
            after: { worker, _ in try switchToNew(worker) },
            then: { device, engine, log in
                let report = try engine.recover(beside: log.beside(), apply: log.apply, health: { .healthy })
                #expect(report.outcome?.result == .committed)
                #expect(log.lines == ["apply"])
                #expect(try device.text("a") == "2")
            })
    }

    @Test("killed on the way back, before or after its switch: the work is taken back before the old one starts")
    func rollingBack() throws {
        for isSwitchedBack in [true, false] {
            try interrupted(
                after: { worker, _ in
                    try switchToNew(worker)
                    try worker.append(.switched)
                    try worker.append(.rollback(reason: "no answer"))
                    guard isSwitchedBack else { return }
                    try worker.switcher.perform(from: try worker.generation(2), to: try worker.generation(1))
                },
                then: { device, engine, log in
                    let report = try engine.recover(beside: log.beside(), apply: log.apply, health: { .healthy })
                    #expect(report.outcome?.result == .rolledBack)
                    #expect(log.lines == ["undo", "apply"])
                    #expect(try device.text("a") == "1")
                })
        }
    }

    @Test("a person's rollback does its work before its switch, and again when it was interrupted after it")
    func rollback() throws {
        try with { device, engine, log in
            try engine.activate(2)
            _ = try engine.rollback(beside: log.beside(), apply: log.apply, health: { .healthy })
            #expect(log.lines == ["prepare", "apply"])
            #expect(try device.text("a") == "1")
        }
        try interrupted(
            after: { worker, _ in
                try switchToNew(worker)
                try worker.append(.switched)
                try worker.append(.commit(time: 1))
                try worker.append(
                    .intent(Operation(action: .rollback, from: 2, to: 1, plan: nil, began: 6, hasSideWork: true)))
                try worker.switcher.perform(from: try worker.generation(2), to: try worker.generation(1))
            },
            then: { device, engine, log in
                let report = try engine.recover(beside: log.beside(), apply: log.apply, health: { .healthy })
                #expect(report.outcome?.result == .committed)
                #expect(log.lines == ["prepare", "apply"])
            })
    }
}
