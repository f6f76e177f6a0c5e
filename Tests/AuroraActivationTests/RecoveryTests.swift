import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Testing

@testable import AuroraActivation

/// Every row of the recovery table in docs/formats/journal.md, for both kinds.
@Suite struct RecoveryTests {
    static let kinds = TargetKind.allCases

    private func interrupted(_ kind: TargetKind, _ body: (Interrupted) throws -> Void) throws {
        try withTarget(kind, existing: ["v": "0"]) { try body(try Interrupted($0)) }
    }

    @Test("I-1 row 1: staged or half built, nothing recorded: dropped, the old tree runs", arguments: kinds)
    func staged(kind: TargetKind) throws {
        try interrupted(kind) { point in
            try write("half", to: "\(point.target.root)/staging/stage-x/file")
            try write("half", to: "\(point.target.root)/gen/3/tree/file")
            try FileTree.remove("\(point.target.root)/next")
            try DurableFile.symlink("nowhere", at: "\(point.target.root)/next")
            let (engine, report) = try point.restart()
            #expect(report.finding == .clean)
            #expect(try point.target.content() == ["v": "1"])
            #expect(try DirectoryNames.read(in: "\(point.target.root)/staging").isEmpty)
            #expect(try DirectoryNames.read(in: "\(point.target.root)/gen").map(\.display) == ["0", "1", "2"])
            #expect(try engine.activate(2).result == .committed)
        }
    }

    @Test("I-1 row 2: intent and the old tree: aborted", arguments: kinds)
    func intentOld(kind: TargetKind) throws {
        try interrupted(kind) { point in
            try point.intent()
            let (engine, report) = try point.restart()
            guard case .aborted(let operation) = report.finding else {
                Issue.record("found \(report.finding)")
                return
            }
            #expect(operation.to == 2)
            #expect(try point.target.content() == ["v": "1"])
            #expect(try engine.recover().finding == .clean)
            #expect(try engine.activate(2).result == .committed)
            #expect(try point.target.content() == ["v": "2"])
        }
    }

    @Test("I-1 row 2: intent, the new tree only parked: it goes back to its own place")
    func intentParked() throws {
        try interrupted(.directory) { point in
            try point.intent()
            try point.park()
            let (engine, report) = try point.restart()
            guard case .aborted = report.finding else {
                Issue.record("found \(report.finding)")
                return
            }
            #expect(try point.target.content() == ["v": "1"])
            #expect(try readText("\(point.target.root)/gen/2/tree/v") == "2")
            #expect(try engine.activate(2).result == .committed)
        }
    }

    @Test("I-1 row 3: intent and the new tree: the gate runs and commits", arguments: kinds)
    func intentNew(kind: TargetKind) throws {
        try interrupted(kind) { point in
            try point.intent()
            try point.switchToNew()
            let (engine, report) = try point.restart()
            guard case .needsGate = report.finding else {
                Issue.record("found \(report.finding)")
                return
            }
            #expect(code { try engine.activate(2) } == .needsGate)
            #expect(code { try engine.rollback() } == .needsGate)
            let outcome = try engine.resume(apply: {}, health: { .healthy })
            #expect(outcome?.result == .committed)
            #expect(try point.target.content() == ["v": "2"])
            #expect(engine.rollbackTarget?.number == 1)
        }
    }

    @Test("I-1 row 3: intent and the new tree, unhealthy: taken back and blocked", arguments: kinds)
    func intentNewUnhealthy(kind: TargetKind) throws {
        try interrupted(kind) { point in
            try point.intent()
            try point.switchToNew()
            let (engine, _) = try point.restart()
            let outcome = try engine.resume(
                apply: {}, health: { try point.target.content() == ["v": "2"] ? .unhealthy("no") : .healthy })
            #expect(outcome?.result == .rolledBack)
            #expect(try point.target.content() == ["v": "1"])
            #expect(engine.blocked().count == 1)
        }
    }

    @Test(
        "I-18 row 4: switched without commit: gated again; interrupted three times it is taken back", arguments: kinds)
    func switchedNew(kind: TargetKind) throws {
        try interrupted(kind) { point in
            try point.intent()
            try point.switchToNew()
            try point.worker.append(.switched)
            try point.worker.append(.gate(attempt: 2))
            try point.worker.append(.gate(attempt: 3))
            let (engine, report) = try point.restart()
            guard case .needsGate(let operation) = report.finding else {
                Issue.record("found \(report.finding)")
                return
            }
            #expect(operation.attempts == 3)
            var checked: [Tree?] = []
            let outcome = try engine.resume(
                apply: {},
                health: {
                    checked.append(try point.target.content())
                    return .healthy
                })
            #expect(outcome?.result == .rolledBack)
            #expect(checked == [["v": "1"]])
            #expect(try point.target.content() == ["v": "1"])
        }
    }

    @Test("row 4, second half: switched on record but the old tree is there: aborted", arguments: kinds)
    func switchedOld(kind: TargetKind) throws {
        try interrupted(kind) { point in
            try point.intent()
            try point.worker.append(.switched)
            let (engine, report) = try point.restart()
            guard case .aborted = report.finding else {
                Issue.record("found \(report.finding)")
                return
            }
            #expect(engine.active?.number == 1)
        }
    }

    @Test("row 5: the way back had begun, either tree: it is finished", arguments: kinds, [true, false])
    func rollingBack(kind: TargetKind, isSwitchedBack: Bool) throws {
        try interrupted(kind) { point in
            try point.intent()
            try point.switchToNew()
            try point.worker.append(.switched)
            try point.worker.append(.rollback(reason: "no answer"))
            if isSwitchedBack { try point.switchToOld() }
            let (engine, report) = try point.restart()
            guard case .needsRestart = report.finding else {
                Issue.record("found \(report.finding)")
                return
            }
            #expect(try point.target.content() == ["v": "1"])
            var restarts = 0
            let outcome = try engine.resume(apply: { restarts += 1 }, health: { .healthy })
            #expect(outcome?.result == .rolledBack)
            #expect(outcome?.reason == "no answer")
            #expect(restarts == 1)
            #expect(engine.blocked().map(\.reason) == ["no answer"])
            #expect(try engine.recover().finding == .clean)
        }
    }

    @Test("row 6: committed: nothing to do", arguments: kinds)
    func committed(kind: TargetKind) throws {
        try interrupted(kind) { point in
            try point.intent()
            try point.switchToNew()
            try point.worker.append(.switched)
            try point.worker.append(.commit(time: 9))
            let (engine, report) = try point.restart()
            #expect(report == RecoveryReport(finding: .clean, droppedJournalBytes: 0, foreign: nil))
            #expect(engine.active?.number == 2)
        }
    }

    @Test("a rollback by a person that was interrupted goes on to its end", arguments: kinds)
    func interruptedRollback(kind: TargetKind) throws {
        try interrupted(kind) { point in
            try point.intent()
            try point.switchToNew()
            try point.worker.append(.switched)
            try point.worker.append(.commit(time: 9))
            try point.intent(.rollback)
            try point.switchToOld()
            let (engine, _) = try point.restart()
            let outcome = try engine.resume(apply: {}, health: { .healthy })
            #expect(outcome?.result == .committed)
            #expect(outcome?.action == .rollback)
            #expect(try point.target.content() == ["v": "1"])
            #expect(engine.rollbackTarget == nil)
        }
    }

    @Test("I-3: recovery run again and again comes to the same end", arguments: kinds)
    func idempotent(kind: TargetKind) throws {
        try interrupted(kind) { point in
            try point.intent()
            try point.switchToNew()
            var states: [TargetState] = []
            for _ in 0..<3 { states.append(try point.restart().engine.state) }
            #expect(Set(states).count == 1)
            #expect(try point.target.content() == ["v": "2"])
        }
    }

    @Test("a commit on record while the old tree lies at the path: the journal follows the disk", arguments: kinds)
    func commitWithoutTree(kind: TargetKind) throws {
        try interrupted(kind) { point in
            try point.intent()
            try point.switchToNew()
            try point.worker.append(.switched)
            try point.worker.append(.commit(time: 9))
            try point.worker.switcher.perform(from: point.new, to: point.old)
            let (engine, report) = try point.restart()
            guard case .needsGate(let operation) = report.finding else {
                Issue.record("found \(report.finding)")
                return
            }
            #expect(operation.action == .rollback)
            #expect(try engine.resume(apply: {}, health: { .healthy })?.active == 1)
            #expect(try point.target.content() == ["v": "1"])
            #expect(try engine.drift().isEmpty)
            try point.target.promote(["v": "3"], engine)
            #expect(try point.target.content() == ["v": "3"])
        }
    }

    @Test("a link put by hand on a generation that never ran is not believed")
    func handMadeLink() throws {
        try interrupted(.link) { point in
            try FileTree.remove(point.target.path)
            try DurableFile.symlink(".app.aurora/gen/2/tree", at: point.target.path)
            let (engine, report) = try point.restart()
            #expect(report.foreign == "generation 2")
            #expect(code { try engine.activate(2) } == .foreignContent)
        }
    }

    @Test("something foreign at the path during an open operation is not touched", arguments: kinds)
    func foreign(kind: TargetKind) throws {
        try interrupted(kind) { point in
            try point.intent()
            try FileTree.remove(point.target.path)
            try write("mine", to: "\(point.target.path)/mine")
            #expect(code { _ = try point.restart() } == .foreignContent)
            #expect(try point.target.content() == ["mine": "mine"])
        }
    }

    @Test("something foreign at the path at rest is reported, and changes are refused", arguments: kinds)
    func foreignAtRest(kind: TargetKind) throws {
        try interrupted(kind) { point in
            try FileTree.remove(point.target.path)
            try write("mine", to: "\(point.target.path)/mine")
            let (engine, report) = try point.restart()
            #expect(report.foreign?.contains("folder") == true)
            #expect(code { try engine.activate(2) } == .foreignContent)
            #expect(try engine.drift() == [DriftItem(path: "", problem: .replaced)])
            #expect(try point.target.content() == ["mine": "mine"])
        }
    }

    @Test(
        "after a failed write to the journal the next operation heals by itself, without emptying staging",
        arguments: kinds)
    func heals(kind: TargetKind) throws {
        try interrupted(kind) { point in
            let staged = "\(point.target.root)/staging/stage-of-another-thread"
            try DurableFile.makeDirectory(staged)
            try point.intent()
            point.worker.requireRecovery()
            let gate = Gate(onPhase: { _ in }, apply: {}, health: { .healthy })
            #expect(try point.worker.activate(2, gate: gate).result == .committed)
            #expect(try point.target.content() == ["v": "2"])
            #expect(try FileStatus.ifExists(staged) != nil)
        }
    }

    @Test("without recovery nothing runs", arguments: kinds)
    func recoveryFirst(kind: TargetKind) throws {
        try withTarget(kind) { target in
            let engine = try ActivationEngine(target: target.path, kind: kind)
            #expect(code { try engine.adoptExisting() } == .needsRecovery)
            _ = try engine.recover()
            #expect(code { try engine.activate(1) } == .notAdopted)
        }
    }
}
