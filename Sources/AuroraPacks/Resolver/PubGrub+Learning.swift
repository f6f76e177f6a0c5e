extension PubGrub {
    /// What a conflict taught.
    enum Lesson {
        /// The rule that would have prevented it, and the level to go back to.
        case rule(Int, level: Int)
        /// This rule has no terms, so nothing can be tried.
        case impossible(Int)
        /// The budget is spent.
        case spent
    }

    /// How many steps of the budget a new rule costs: it is kept.
    private static let costOfRule = 100

    /// Finds out why a rule is broken.
    mutating func learn(from broken: Int) -> Lesson {
        var current = broken
        while !rules[current].terms.isEmpty {
            stepsLeft -= Self.costOfRule
            guard stepsLeft > 0, let last = lastStep(that: current) else { return .spent }
            let step = trail.steps[last.place]
            guard let cause = step.cause, last.levelBefore == step.level else {
                if current != broken { noteLearned(current) }
                return .rule(current, level: last.levelBefore)
            }
            current = add(joined(current, cause, on: step.pack))
        }
        return .impossible(current)
    }

    /// The step that made the rule broken, and the level at which it would have done so first.
    private func lastStep(that rule: Int) -> (place: Int, levelBefore: Int)? {
        var (last, before) = (-1, -1)
        var term: Rule.Term?
        for candidate in rules[rule].terms {
            let place = trail.satisfier(candidate.pack, in: candidate.set)
            if place > last {
                (before, last, term) = (last, place, candidate)
            } else {
                before = max(before, place)
            }
        }
        guard let term, last >= 0 else { return nil }
        // Without this step an earlier one of the same pack may still be needed.
        before = max(before, trail.satisfier(term.pack, in: term.set, also: trail.steps[last].own))
        return (last, before < 0 ? 0 : trail.steps[before].level)
    }

    /// What follows from two rules that leave nothing possible for `pack`: their other terms do not go together.
    private func joined(_ first: Int, _ second: Int, on pack: Int) -> Rule {
        var sets: [Int: VersionSet] = [:]
        for term in rules[first].terms + rules[second].terms {
            guard let known = sets[term.pack] else {
                sets[term.pack] = term.set
                continue
            }
            sets[term.pack] = term.pack == pack ? known.union(term.set) : known.intersection(term.set)
        }
        let terms = sets.map { Rule.Term(pack: $0.key, set: $0.value) }.sorted { $0.pack < $1.pack }
        return Rule(terms: terms, cause: .follows(first, second))
    }
}
