import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Testing

@testable import AuroraActivation

/// A repeatable source of randomness (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}

/// What a target should be like, in the simplest words.
private struct Model {
    var trees: [Int: String] = [0: "0"]
    var active = 0
    var undo: Int?
    var blocked: Set<String> = []
    var next = 1
}

/// Runs random operations on the engine and on the model and compares them after each.
private final class ModelRun {
    let target: TestTarget
    var engine: ActivationEngine?
    var model = Model()
    var random: SeededGenerator

    init(_ target: TestTarget, seed: UInt64) throws {
        self.target = target
        random = SeededGenerator(seed: seed)
        engine = try target.open(keep: 3)
    }

    func step() throws {
        let choice = Int.random(in: 0..<12, using: &random)
        // Before a second reference to the engine exists: its lock must go with it.
        if choice == 10 { return try reopen() }
        guard let engine else { return }
        switch choice {
        case 0...3: try promoteNew(engine)
        case 4, 5: try activateOld(engine)
        case 6, 7: try rollback(engine)
        case 8: try collect(engine)
        case 9: try clear(engine)
        default: _ = try engine.recover()
        }
    }

    private func verdict(_ tree: String, _ isHealthy: Bool) -> () throws -> HealthVerdict {
        { [target] in try target.content() == ["v": tree] && !isHealthy ? .unhealthy("bad") : .healthy }
    }

    private func promoteNew(_ engine: ActivationEngine) throws {
        let tree = "\(Int.random(in: 1...6, using: &random))"
        guard !model.blocked.contains(tree) else {
            #expect(code { try self.target.prepare(["v": tree], engine) } == .blocked)
            return
        }
        let generation = try target.prepare(["v": tree], engine)
        #expect(generation.number == model.next)
        model.trees[generation.number] = tree
        model.next += 1
        try activate(generation.number, engine)
    }

    private func activateOld(_ engine: ActivationEngine) throws {
        guard let number = model.trees.keys.sorted().randomElement(using: &random), number != model.active,
            let tree = model.trees[number]
        else { return }
        if model.blocked.contains(tree) {
            #expect(code { try engine.activate(number) } == .blocked)
        } else {
            try activate(number, engine)
        }
    }

    private func activate(_ number: Int, _ engine: ActivationEngine) throws {
        guard let tree = model.trees[number] else { return }
        // A tree that runs before and after cannot be told apart by the check, so it stays healthy here.
        let isHealthy = Bool.random(using: &random) || tree == model.trees[model.active]
        let outcome = try engine.activate(number, apply: {}, health: verdict(tree, isHealthy))
        #expect(outcome.result == (isHealthy ? .committed : .rolledBack))
        if isHealthy {
            model.undo = model.active
            model.active = number
        } else {
            model.blocked.insert(tree)
        }
    }

    private func rollback(_ engine: ActivationEngine) throws {
        guard let undo = model.undo else {
            #expect(code { try engine.rollback() } == .noRollbackTarget)
            return
        }
        #expect(try engine.rollback().active == undo)
        if let tree = model.trees[model.active], tree != model.trees[undo] { model.blocked.insert(tree) }
        model.active = undo
        model.undo = nil
    }

    private func collect(_ engine: ActivationEngine) throws {
        for number in try engine.collectGarbage(retaining: []).generations { model.trees[number] = nil }
        #expect(model.trees[model.active] != nil)
        if let undo = model.undo { #expect(model.trees[undo] != nil) }
    }

    private func clear(_ engine: ActivationEngine) throws {
        for block in engine.blocked() { try engine.clearBlock(block.tree) }
        model.blocked = []
    }

    private func reopen() throws {
        engine = nil
        engine = try target.open(keep: 3)
    }

    func compare(_ seed: UInt64, _ step: Int) throws {
        let place: Comment = "seed \(seed), step \(step)"
        let tree = try #require(model.trees[model.active])
        #expect(try target.content() == ["v": tree], place)
        #expect(engine?.active?.number == model.active, place)
        #expect(engine?.rollbackTarget?.number == model.undo, place)
        #expect(Set(engine?.generations().map(\.number) ?? []) == Set(model.trees.keys), place)
        #expect(engine?.blocked().count == model.blocked.count, place)
        #expect(try engine?.drift().isEmpty == true, place)
    }
}

@Suite struct ModelTests {
    @Test(
        "random operations keep the engine and a simple model in step", arguments: TargetKind.allCases,
        [1, 2, 3] as [UInt64])
    func random(kind: TargetKind, seed: UInt64) throws {
        try withTarget(kind, existing: ["v": "0"]) { target in
            let run = try ModelRun(target, seed: seed)
            for step in 1...60 {
                try run.step()
                try run.compare(seed, step)
            }
        }
    }
}
