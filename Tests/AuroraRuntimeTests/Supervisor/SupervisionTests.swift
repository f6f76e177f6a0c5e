import AuroraRuntime
import Testing

/// Runs a supervision whose rooms do at once what they are told.
private struct World {
    var supervision = Supervision(seed: 3)
    var now: Duration = .zero
    var begun: [String] = []
    var ended: [String] = []
    /// Services whose start command fails.
    var broken: Set<String> = []
    /// Rooms that take their time to end.
    var slow: Set<String> = []

    init(_ needs: [String: [String]]) throws {
        var settings = ServiceSettings()
        settings.settleTime = .zero
        let members = needs.map { Supervision.Member(id: $0.key, settings: settings, needs: $0.value) }
        carryOut(try supervision.replace(members, cause: .change, at: now))
    }

    mutating func start(_ ids: String...) { carryOut(supervision.start(ids, cause: .operatorAsked, at: now)) }
    mutating func stop(_ ids: String..., withDependants: Bool = true) {
        carryOut(supervision.stop(ids, withDependants: withDependants, cause: .operatorAsked, at: now))
    }
    mutating func finish(_ id: String) {
        slow.remove(id)
        ended.append(id)
        let attempt = supervision.machines[id]?.attempt ?? 0
        carryOut(supervision.report(id, attempt: attempt, .ended(survivors: 0), at: now))
    }
    func state(_ id: String) -> ServiceState? { supervision.machines[id]?.state }

    mutating func carryOut(_ effects: [Supervision.Effect]) {
        for effect in effects {
            switch effect.action {
            case .begin(let attempt):
                begun.append(effect.id)
                let result = ConfinedResult.Cause.exited(broken.contains(effect.id) ? 1 : 0)
                carryOut(supervision.report(effect.id, attempt: attempt, .started(result), at: now))
            case .end: if !slow.contains(effect.id) { finish(effect.id) }
            case .changed, .keepCrash: break
            }
        }
    }
}

@Suite struct SupervisionTests {
    @Test func servicesStartBehindWhatTheyNeedAndStopBeforeIt() throws {
        var world = try World(["app": ["base", "net"], "net": ["base"], "base": [], "alone": []])
        world.start("app", "alone")
        #expect(world.begun.firstIndex(of: "base") ?? 9 < world.begun.firstIndex(of: "net") ?? 0)
        #expect(world.begun.firstIndex(of: "net") ?? 9 < world.begun.firstIndex(of: "app") ?? 0)
        world.stop("base", "net", "app", "alone")
        #expect(world.ended.filter { $0 != "alone" } == ["app", "net", "base"])
        #expect(world.supervision.isQuiet)
    }

    @Test func aServiceThatFailsHoldsItsDependantsBackAndIsNamed() throws {
        var world = try World(["app": ["net"], "net": ["base"], "base": []])
        world.broken = ["net"]
        world.start("app")
        #expect(world.begun == ["base", "net"])
        #expect(world.state("app") == .staged)
        #expect(world.supervision.waits("app") == ["net"])
        world.broken = []
        world.now = world.supervision.deadline ?? .zero
        world.carryOut(world.supervision.passTime(to: world.now))
        #expect(world.state("app") == .ready && world.supervision.waits("app").isEmpty)
    }

    @Test func aStopWaitsForTheEndOfWhatNeedsTheService() throws {
        var world = try World(["app": ["base"], "base": []])
        world.start("app")
        world.slow = ["app"]
        world.stop("base")
        #expect(world.state("app") == .stopping && world.state("base") == .ready)
        world.finish("app")
        #expect(world.state("app") == .stopped && world.state("base") == .stopped)
    }

    @Test func aChangeStopsOnlyWhatItNames() throws {
        var world = try World(["app": ["base"], "base": []])
        world.start("app")
        world.stop("base", withDependants: false)
        #expect(world.state("app") == .ready && world.state("base") == .stopped)
    }

    @Test func servicesThatNeedEachOtherAreRefusedByName() throws {
        #expect(throws: SupervisorError.circle(["a", "b", "c"])) {
            _ = try World(["a": ["b"], "b": ["c"], "c": ["a"], "d": []])
        }
    }

    @Test func aServiceThatLeftTheSetIsStoppedAndForgotten() throws {
        var world = try World(["app": ["base"], "base": []])
        world.start("app")
        world.slow = ["app"]
        let base = Supervision.Member(id: "base", settings: ServiceSettings(), needs: [])
        world.carryOut(try world.supervision.replace([base], cause: .change, at: world.now))
        #expect(world.state("app") == .stopping && world.supervision.members == ["base"])
        world.finish("app")
        #expect(world.state("app") == nil && world.state("base") == .ready)
    }

    @Test func inAnyGraphNothingBeginsBeforeWhatItNeedsIsReadyOrEndsBeforeItsDependants() throws {
        for seed in UInt64(1)...300 {
            var random = ServiceHistoryTests.Random(state: seed)
            let names = (0..<8).map { "s\($0)" }
            var needs: [String: [String]] = [:]
            for (index, name) in names.enumerated() {
                needs[name] = names[..<index].filter { _ in Int.random(in: 0..<3, using: &random) == 0 }
            }
            var world = try World(needs)
            world.broken = Set(names.filter { _ in Int.random(in: 0..<6, using: &random) == 0 })
            let asked = names.shuffled(using: &random).prefix(4)
            world.carryOut(world.supervision.start(asked, cause: .operatorAsked, at: world.now))
            for name in world.begun {
                for other in needs[name] ?? [] {
                    #expect(world.state(other) == .ready, "seed \(seed): \(name) began before \(other)")
                }
            }
            world.ended = []
            world.carryOut(
                world.supervision.stop(names, withDependants: true, cause: .supervisor, at: world.now))
            for (index, name) in world.ended.enumerated() {
                let earlier = Set(world.ended[..<index])
                for other in needs[name] ?? [] {
                    #expect(!earlier.contains(other), "seed \(seed): \(other) ended first")
                }
            }
            #expect(world.supervision.isQuiet, "seed \(seed)")
        }
    }
}
