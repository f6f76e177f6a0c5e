import AuroraModel

/// Turns the proof that nothing goes into plain sentences.
struct Explanation {
    /// More would not be read.
    static let limit = 40

    private let rules: [Rule]
    private let words: Wording
    private var told: Set<Int> = []

    /// - Parameter conclusion: the rule to be proved; for the answer "impossible", the one without terms.
    static func sentences(for conclusion: Int, rules: [Rule], universe: Universe) -> [String] {
        var explanation = Explanation(rules: rules, words: Wording(universe: universe))
        let steps = explanation.steps(to: conclusion)
        let omitted = max(0, steps.count - limit)
        var all = omitted > 0 ? ["(\(omitted) earlier steps are left out.)"] : []
        for index in omitted..<steps.count {
            all.append(explanation.sentence(steps[index], after: index > omitted ? steps[index - 1] : nil))
        }
        return all + [explanation.remedy(conclusion)]
    }

    private init(rules: [Rule], words: Wording) {
        self.rules = rules
        self.words = words
    }

    /// The rules to tell, each after those it follows from; without recursion, because a proof may be thousands deep.
    private mutating func steps(to conclusion: Int) -> [Int] {
        guard case .follows = rules[conclusion].cause else { return [conclusion] }
        var steps: [Int] = []
        var waiting = [(rule: conclusion, isReady: false)]
        while let (rule, isReady) = waiting.popLast() {
            guard !told.contains(rule), case .follows(let first, let second) = rules[rule].cause else { continue }
            if isReady {
                told.insert(rule)
                steps.append(rule)
            } else {
                waiting.append((rule, true))
                // The second is told first, so that the first is the one just told.
                waiting.append((first, false))
                waiting.append((second, false))
            }
        }
        return steps
    }

    private func sentence(_ rule: Int, after last: Int?) -> String {
        guard case .follows(let first, let second) = rules[rule].cause else {
            return "\(capital(words.fact(rules[rule].cause)))."
        }
        let reasons = [first, second].filter { $0 != last }.map { reason($0) }
        let opening = reasons.count < 2 ? "And because" : "Because"
        return "\(opening) \(reasons.joined(separator: " and ")), \(words.conclusion(rules[rule]))."
    }

    private func reason(_ rule: Int) -> String {
        if case .follows = rules[rule].cause { return words.conclusion(rules[rule]) }
        return words.fact(rules[rule].cause)
    }

    /// What to do: names the packs that are not known at all, if there are any in the proof.
    private func remedy(_ conclusion: Int) -> String {
        var missing: Set<Int> = []
        var waiting = [conclusion]
        var seen: Set<Int> = []
        while let rule = waiting.popLast() {
            guard seen.insert(rule).inserted else { continue }
            switch rules[rule].cause {
            case .follows(let first, let second): waiting += [first, second]
            case .needs(_, _, let target, _) where words.isUnknown(target): missing.insert(target)
            case .wanted(let pack, _) where words.isUnknown(pack): missing.insert(pack)
            default: break
            }
        }
        guard missing.isEmpty else {
            let names = words.list(missing.sorted().map(words.name), "and")
            return "Stage \(names) with `aurora pack stage`, or ask for something that does not need it."
        }
        return
            "Ask for other versions, stage more of them with `aurora pack stage`, or remove a pack that is in the way."
    }

    private func capital(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}
