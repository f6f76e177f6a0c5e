import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Testing

@testable import AuroraActivation

@Suite struct ActivationTests {
    static let kinds = TargetKind.allCases

    @Test("a promoted tree is what is at the path, and rollback brings the old one back", arguments: kinds)
    func promoteAndRollback(kind: TargetKind) throws {
        try withTarget(kind, existing: ["old": "0"]) { target in
            let engine = try target.open()
            #expect(try target.content() == ["old": "0"])
            let outcome = try target.promote(["run*": "1", "sub/data": "x", "link@": "run"], engine)
            #expect(outcome.result == .committed)
            #expect(outcome.active == 1)
            #expect(try target.content() == ["run*": "1", "sub/data": "x", "link@": "run"])
            #expect(engine.rollbackTarget?.number == 0)
            #expect(try engine.rollback().active == 0)
            #expect(try target.content() == ["old": "0"])
        }
    }

    @Test("many switches forth and back leave every tree in its own place", arguments: kinds)
    func manySwitches(kind: TargetKind) throws {
        try withTarget(kind) { target in
            let engine = try target.open(keep: 20)
            for number in 1...4 { try target.promote(["v": "\(number)"], engine) }
            for number in [2, 4, 1, 3, 2, 1, 4] {
                #expect(try engine.activate(number).active == number)
                #expect(try target.content() == ["v": "\(number)"])
                #expect(engine.active?.number == number)
            }
        }
    }

    @Test("defect 5: the unpacked tree becomes active, executable bits included", arguments: kinds)
    func defect5(kind: TargetKind) throws {
        try withTarget(kind) { target in
            let engine = try target.open()
            try target.promote(["bin/run*": "#!/bin/sh\necho new\n"], engine)
            let result = try Processes.run(
                ProcessSpec(executable: "/bin/sh", arguments: ["-c", "exec \(target.path)/bin/run"]))
            #expect(result.output == Array("new\n".utf8))
        }
    }

    @Test("defect 7: files that the new release no longer has are gone", arguments: kinds)
    func defect7(kind: TargetKind) throws {
        try withTarget(kind, existing: ["a": "1", "gone": "1"]) { target in
            let engine = try target.open()
            try target.promote(["a": "2", "also-gone/x": "2"], engine)
            try target.promote(["a": "3"], engine)
            #expect(try target.content() == ["a": "3"])
        }
    }

    @Test("defect 8: many promotes at the same instant work, and old generations are pruned", arguments: kinds)
    func defect8(kind: TargetKind) throws {
        try withTarget(kind) { target in
            let engine = try target.open(keep: 2)
            for number in 1...6 {
                #expect(try target.promote(["v": "\(number)"], engine).result == .committed)
                try engine.collectGarbage(retaining: [])
            }
            #expect(engine.generations().map(\.number) == [5, 6])
            #expect(try engine.trees().count == 2)
            #expect(try DirectoryNames.read(in: "\(target.root)/gen").map(\.display) == ["5", "6"])
        }
    }

    @Test("defect 9: a target is never inside itself and needs no copy of itself", arguments: kinds)
    func defect9(kind: TargetKind) throws {
        #expect(code { _ = try ActivationEngine(target: ".", kind: kind) } == .badPath)
        try withTarget(kind, existing: ["a": String(repeating: "x", count: 100_000)]) { target in
            let engine = try target.open()
            for number in 1...3 { try target.promote(["v": "\(number)"], engine) }
            let entries = try FileTree.walk(target.folder)
            #expect(entries.filter { $0.size == 100_000 && $0.links == 1 }.count == 1)
            #expect(!entries.contains { $0.path.contains(".app.aurora/") && $0.path.contains("app/.app") })
        }
    }

    @Test("defect 10: a target that does not exist yet can be promoted to and rolled back to nothing", arguments: kinds)
    func defect10(kind: TargetKind) throws {
        try withTarget(kind) { target in
            let engine = try target.open()
            #expect(try target.content() == nil)
            try target.promote(["v": "1"], engine)
            #expect(try target.content() == ["v": "1"])
            #expect(try engine.rollback().result == .committed)
            #expect(try target.content() == nil)
            #expect(try FileStatus.ifExists(target.path) == nil)
            #expect(engine.active?.isEmpty == true)
        }
    }

    @Test("defect 10: a failed first release leaves nothing at the path", arguments: kinds)
    func defect10FailedFirst(kind: TargetKind) throws {
        try withTarget(kind) { target in
            let engine = try target.open()
            let generation = try target.prepare(["v": "1"], engine)
            let outcome = try engine.activate(generation.number, apply: {}, health: { .unhealthy("no answer") })
            #expect(outcome.result == .rolledBack)
            #expect(try FileStatus.ifExists(target.path) == nil)
        }
    }

    @Test("defect 6: the switch is one rename; nothing of the old tree is deleted or copied", arguments: kinds)
    func defect6(kind: TargetKind) throws {
        try withTarget(kind) { target in
            let engine = try target.open()
            try target.promote(["v": "1"], engine)
            let before = try FileStatus.of(target.path + "/v").inode
            let generation = try target.prepare(["v": "2"], engine)
            var phases: [ActivationPhase] = []
            _ = try engine.activate(
                generation.number,
                onPhase: { phases.append($0) }, apply: {}, health: { .healthy })
            #expect(phases == [.intent, .switched, .applying, .checking, .committed])
            try engine.rollback()
            #expect(try FileStatus.of(target.path + "/v").inode == before)
        }
    }

    @Test("stored trees are read-only, whatever the umask and the archive said", arguments: kinds)
    func readOnly(kind: TargetKind) throws {
        try withTarget(kind) { target in
            let engine = try target.open()
            try target.promote(["run*": "1", "sub/data": "x"], engine)
            let root = try Descriptor.open(target.path + "/.", [.readOnly, .directory])
            let modes = try FileTree.walk(root.rawValue).map { "\($0.path) \(String($0.mode, radix: 8))" }
            #expect(modes == ["run 555", "sub 555", "sub/data 444"])
        }
    }

    @Test("promoting the active generation again is refused by name", arguments: kinds)
    func alreadyActive(kind: TargetKind) throws {
        try withTarget(kind) { target in
            let engine = try target.open()
            try target.promote(["v": "1"], engine)
            #expect(code { try engine.activate(1) } == .alreadyActive)
            #expect(code { try engine.activate(77) } == .unknownGeneration)
        }
    }

    @Test("the same tree can be promoted again and again", arguments: kinds)
    func sameTreeAgain(kind: TargetKind) throws {
        try withTarget(kind) { target in
            let engine = try target.open()
            try target.promote(["v": "1"], engine)
            try target.promote(["v": "1"], engine)
            let third = try target.prepare(["v": "1"], engine)
            let outcome = try engine.activate(third.number, apply: {}, health: { .unhealthy("x") })
            #expect(outcome.result == .degraded)
            #expect(engine.blocked().isEmpty)
            #expect(try target.content() == ["v": "1"])
        }
    }
}
