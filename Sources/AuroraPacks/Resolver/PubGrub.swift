import AuroraModel

/// The solver: unit propagation, learning from conflicts, jumping back over what had no part in them.
///
/// Source: N. Weizenbaum, "PubGrub: Next-Generation Version Solving" (2018) and dart-lang/pub doc/solver.md. Packs are tried
/// in one order that depends on nothing but what is tried so far, and versions in order of preference; every rule it
/// learns follows from the input. So the first answer is the best one in that order, as a plain search would find it.
struct PubGrub {
    /// How it ended.
    enum Outcome {
        /// The version number of each pack of the answer.
        case solved([Int: Int])
        /// The number of the rule that forbids everything.
        case impossible(Int)
        /// The budget is spent; the shortest rule that was learned, if any.
        case spent(Int?)
    }

    private(set) var universe: Universe
    private(set) var rules: [Rule] = []
    var trail: Trail
    private(set) var decisions = 0
    var stepsLeft: Int
    private let budget: ResolutionBudget
    /// The rules that name a pack.
    private var rulesOfPack: [[Int]]
    /// How often each pack is needed: by the request, by the installed set, by versions that are tried.
    private var demand: [Int]
    private let order: [Int]
    private(set) var shortestLearned: Int?

    /// - Parameter order: all packs, in the order in which they are tried once they are needed.
    init(_ universe: Universe, order: [Int], budget: ResolutionBudget) {
        self.universe = universe
        self.order = order
        self.budget = budget
        stepsLeft = budget.steps
        trail = Trail(universe.packs.map(\.all))
        rulesOfPack = [[Int]](repeating: [], count: universe.packs.count)
        demand = [Int](repeating: 0, count: universe.packs.count)
    }

    // MARK: Rules

    /// Adds a rule about one pack that holds whatever is tried: its version is in `allowed` (0 there is "absent").
    mutating func require(_ pack: Int, in allowed: VersionSet, because cause: Rule.Cause) {
        if !allowed.contains(0) { demand[pack] += 1 }
        let forbidden = universe.packs[pack].all.subtracting(allowed)
        watch(add(Rule(terms: [Rule.Term(pack: pack, set: forbidden)], cause: cause)))
    }

    /// The versions of a pack in a range.
    mutating func versions(of pack: Int, in range: VersionRange) -> VersionSet {
        universe.versions(of: pack, in: range)
    }

    mutating func add(_ rule: Rule) -> Int {
        let terms = rule.terms.filter { $0.set != universe.packs[$0.pack].all }
        rules.append(Rule(terms: terms, cause: rule.cause))
        return rules.count - 1
    }

    mutating func watch(_ rule: Int) {
        for term in rules[rule].terms { rulesOfPack[term.pack].append(rule) }
    }

    mutating func noteLearned(_ rule: Int) {
        watch(rule)
        if let best = shortestLearned, rules[best].terms.count <= rules[rule].terms.count { return }
        shortestLearned = rule
    }

    private mutating func addNeeds(of pack: Int, _ version: Int) {
        for number in universe.needs(of: pack, version) {
            guard let need = universe.packs[pack].needs?[number] else { continue }
            demand[need.target] += 1
            guard universe.markKnown(number, of: pack) else { continue }
            let accepted = universe.versions(of: need.target, in: need.range)
            let others = universe.packs[need.target].all.subtracting(accepted)
            let cause = Rule.Cause.needs(
                pack: pack, versions: need.versions, target: need.target, range: need.range)
            // A pack that needs itself: the versions that need it and are not what they need.
            let terms =
                need.target == pack
                ? [Rule.Term(pack: pack, set: need.versions.intersection(others))]
                : [Rule.Term(pack: pack, set: need.versions), Rule.Term(pack: need.target, set: others)]
            watch(add(Rule(terms: terms.sorted { $0.pack < $1.pack }, cause: cause)))
        }
    }

    // MARK: Search

    mutating func solve() -> Outcome {
        var changed: [Int] = []
        for rule in rules.indices {
            if case .end(let outcome) = examine(rule, &changed) { return outcome }
        }
        while true {
            if let end = propagate(&changed) { return end }
            guard let pack = order.first(where: { demand[$0] > 0 && trail.tried[$0] == nil }) else {
                return .solved(answer)
            }
            guard decisions < budget.decisions, let version = trail.possible(pack).firstVersion else {
                return .spent(shortestLearned)
            }
            decisions += 1
            addNeeds(of: pack, version)
            trail.attempt(pack, version)
            changed = [pack]
        }
    }

    private var answer: [Int: Int] {
        var answer: [Int: Int] = [:]
        for (pack, version) in trail.tried.enumerated() { answer[pack] = version }
        return answer
    }

    /// Draws all conclusions from what changed; an outcome when that ends the search.
    private mutating func propagate(_ changed: inout [Int]) -> Outcome? {
        while let pack = changed.popLast() {
            // New rules first: they are what the last conflict taught.
            search: for index in rulesOfPack[pack].indices.reversed() {
                switch examine(rulesOfPack[pack][index], &changed) {
                case .goOn: continue
                case .wentBack: break search
                case .end(let outcome): return outcome
                }
            }
        }
        return nil
    }

    private enum Examination {
        case goOn
        /// There was a conflict; `changed` says where to go on.
        case wentBack
        case end(Outcome)
    }

    /// Looks at one rule: draws the conclusion that it allows, or learns from the conflict that it shows.
    private mutating func examine(_ rule: Int, _ changed: inout [Int]) -> Examination {
        stepsLeft -= 1
        guard stepsLeft > 0 else { return .end(.spent(shortestLearned)) }
        switch standing(of: rule) {
        case .open: return .goOn
        case .implies(let term):
            trail.derive(term.pack, without: term.set, because: rule)
            changed.append(term.pack)
            return .goOn
        case .broken:
            switch learn(from: rule) {
            case .spent: return .end(.spent(shortestLearned))
            case .impossible(let rule): return .end(.impossible(rule))
            case .rule(let learned, let level):
                for (pack, version) in trail.goBack(to: level) { withdrawNeeds(of: pack, version) }
                guard case .implies(let term) = standing(of: learned) else { return .end(.spent(learned)) }
                trail.derive(term.pack, without: term.set, because: learned)
                changed = [term.pack]
                return .wentBack
            }
        }
    }

    private mutating func withdrawNeeds(of pack: Int, _ version: Int) {
        for number in universe.needs(of: pack, version) {
            if let target = universe.packs[pack].needs?[number].target { demand[target] -= 1 }
        }
    }

    private enum Standing {
        /// Some term is false, or several are undecided.
        case open
        /// All terms but this one are true, so it must be false.
        case implies(Rule.Term)
        /// All terms are true.
        case broken
    }

    private func standing(of rule: Int) -> Standing {
        var undecided: Rule.Term?
        for term in rules[rule].terms {
            let possible = trail.possible(term.pack)
            if possible.isSubset(of: term.set) { continue }
            if undecided != nil || possible.isDisjoint(with: term.set) { return .open }
            undecided = term
        }
        return undecided.map(Standing.implies) ?? .broken
    }
}
