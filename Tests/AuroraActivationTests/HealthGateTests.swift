import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Testing

@testable import AuroraActivation

private struct ApplyFailed: Error, CustomStringConvertible { var description: String { "restart failed" } }

@Suite struct HealthGateTests {
    @Test(
        "I-18, defect 10: an unhealthy release is taken back by itself once, and its digest is blocked",
        arguments: TargetKind.allCases)
    func unhealthy(kind: TargetKind) throws {
        try withTarget(kind, existing: ["v": "0"]) { target in
            let engine = try target.open()
            try target.promote(["v": "1"], engine)
            let bad = try target.prepare(["v": "2"], engine)
            var applied: [Tree?] = []
            var phases: [ActivationPhase] = []
            let outcome = try engine.activate(
                bad.number, onPhase: { phases.append($0) },
                apply: { applied.append(try target.content()) },
                health: { try target.content() == ["v": "2"] ? .unhealthy("no answer on port 80") : .healthy })
            #expect(outcome.result == .rolledBack)
            #expect(outcome.reason == "no answer on port 80")
            #expect(outcome.active == 1)
            #expect(applied == [["v": "2"], ["v": "1"]])
            #expect(phases.suffix(4) == [.rollingBack, .applying, .checking, .rolledBack])
            #expect(try target.content() == ["v": "1"])
            #expect(engine.blocked().map(\.tree) == [bad.treeDigest])
            #expect(engine.rollbackTarget?.number == 0)
            #expect(engine.degraded == nil)
        }
    }

    @Test(
        "who cannot be asked says nothing: the operation stays open, nothing is blocked, and recovery goes on, however often",
        arguments: TargetKind.allCases)
    func noVerdict(kind: TargetKind) throws {
        try withTarget(kind, existing: ["v": "0"]) { target in
            var engine: ActivationEngine? = try target.open()
            let next = try #require(try engine.map { try target.prepare(["v": "1"], $0) })
            #expect(throws: NoVerdict.self) {
                try engine?.activate(next.number, apply: {}, health: { throw NoVerdict("the core is busy") })
            }
            engine = nil
            for attempt in 1...5 {
                let again = try ActivationEngine(target: target.path, kind: kind, clock: .fixed(1_000))
                guard case .needsGate = try again.recover().finding else {
                    Issue.record("attempt \(attempt) found nothing open")
                    return
                }
                #expect(again.blocked().isEmpty && again.state.open != nil)
                #expect(throws: NoVerdict.self) {
                    try again.resume(apply: { throw NoVerdict("the core has ended") }, health: { .healthy })
                }
            }
            let last = try ActivationEngine(target: target.path, kind: kind, clock: .fixed(1_000))
            _ = try last.recover()
            #expect(try last.resume(apply: {}, health: { .healthy })?.result == .committed)
            #expect(try target.content() == ["v": "1"])
        }
    }

    @Test("a blocked digest is refused until a person clears it", arguments: TargetKind.allCases)
    func blocked(kind: TargetKind) throws {
        try withTarget(kind) { target in
            var engine: ActivationEngine? = try target.open()
            let bad = try #require(try engine.map { try target.prepare(["v": "bad"], $0) })
            _ = try engine?.activate(bad.number, apply: {}, health: { .unhealthy("bad") })
            engine = nil
            let again = try target.open()
            #expect(code { try again.activate(bad.number) } == .blocked)
            #expect(code { try target.prepare(["v": "bad"], again) } == .blocked)
            let digest = try #require(bad.treeDigest)
            try again.clearBlock(digest)
            #expect(try again.activate(bad.number).result == .committed)
        }
    }

    @Test("an apply command that fails counts as unhealthy", arguments: TargetKind.allCases)
    func applyFails(kind: TargetKind) throws {
        try withTarget(kind, existing: ["v": "0"]) { target in
            let engine = try target.open()
            let next = try target.prepare(["v": "1"], engine)
            let outcome = try engine.activate(
                next.number, apply: { if try target.content() == ["v": "1"] { throw ApplyFailed() } },
                health: { .healthy })
            #expect(outcome.result == .rolledBack)
            #expect(outcome.reason == "restart failed")
            #expect(try target.content() == ["v": "0"])
        }
    }

    @Test(
        "when the old release is not healthy either, it stays and the target is degraded: no ping-pong",
        arguments: TargetKind.allCases)
    func degraded(kind: TargetKind) throws {
        try withTarget(kind, existing: ["v": "0"]) { target in
            let engine = try target.open()
            let next = try target.prepare(["v": "1"], engine)
            var checks = 0
            let outcome = try engine.activate(
                next.number, apply: {},
                health: {
                    checks += 1
                    return .unhealthy("dead")
                })
            #expect(outcome.result == .degraded)
            #expect(checks == 2)
            #expect(try target.content() == ["v": "0"])
            #expect(engine.degraded?.contains("dead") == true)
            #expect(code { try engine.rollback() } == .noRollbackTarget)
            try target.promote(["v": "2"], engine)
            #expect(engine.degraded == nil)
        }
    }

    @Test("a rollback by a person is one-shot: a second one has nowhere to go", arguments: TargetKind.allCases)
    func oneShot(kind: TargetKind) throws {
        try withTarget(kind, existing: ["v": "0"]) { target in
            let engine = try target.open()
            try target.promote(["v": "1"], engine)
            let outcome = try engine.rollback(reason: "wrong colour", apply: {}, health: { .healthy })
            #expect(outcome.result == .committed)
            #expect(outcome.action == .rollback)
            #expect(engine.blocked().map(\.reason) == ["wrong colour"])
            #expect(code { try engine.rollback() } == .noRollbackTarget)
            #expect(engine.generations().map(\.state) == [.active, .failed])
        }
    }

    @Test("a rollback whose old release is unhealthy stays there and says so", arguments: TargetKind.allCases)
    func rollbackDegraded(kind: TargetKind) throws {
        try withTarget(kind, existing: ["v": "0"]) { target in
            let engine = try target.open()
            try target.promote(["v": "1"], engine)
            let outcome = try engine.rollback(apply: {}, health: { .unhealthy("dead") })
            #expect(outcome.result == .degraded)
            #expect(try target.content() == ["v": "0"])
            #expect(engine.degraded == "dead")
        }
    }

    @Test("I-7: a hundred failed activations leave no descriptor and no file behind", arguments: TargetKind.allCases)
    func nothingLeft(kind: TargetKind) throws {
        try withTarget(kind, existing: ["v": "0"]) { target in
            let engine = try target.open()
            let bad = try target.prepare(["v": "bad"], engine)
            let digest = try #require(bad.treeDigest)
            func fail() throws {
                _ = try engine.activate(
                    bad.number, apply: {}, health: { try target.content() == ["v": "bad"] ? .unhealthy("x") : .healthy }
                )
                try engine.clearBlock(digest)
            }
            try fail()
            let files = try FileTree.walk(target.folder).map(\.path)
            let descriptors = try DirectoryNames.read(in: "/proc/self/fd").count
            for _ in 0..<100 { try fail() }
            #expect(try FileTree.walk(target.folder).map(\.path) == files)
            // Other tests run beside this one; a leak of one for each failure would show all the same.
            #expect(try DirectoryNames.read(in: "/proc/self/fd").count < descriptors + 80)
        }
    }

    @Test("an operation inside the closures of another is refused as busy", arguments: TargetKind.allCases)
    func busy(kind: TargetKind) throws {
        try withTarget(kind) { target in
            let engine = try target.open()
            let next = try target.prepare(["v": "1"], engine)
            var seen: ActivationError.Code?
            _ = try engine.activate(
                next.number, apply: { seen = code { _ = try engine.drift() } },
                health: {
                    #expect(engine.active?.number == 0)
                    return .healthy
                })
            #expect(seen == .busy)
        }
    }
}
