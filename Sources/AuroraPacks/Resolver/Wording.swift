import AuroraModel

/// How packs, versions and rules are called in sentences.
struct Wording {
    private let universe: Universe

    init(universe: Universe) { self.universe = universe }

    func name(_ pack: Int) -> String { universe.packs[pack].id.text }

    func isUnknown(_ pack: Int) -> Bool { universe.packs[pack].versions.isEmpty }

    /// A rule that was given, as the reason for something.
    func fact(_ cause: Rule.Cause) -> String {
        switch cause {
        case .wanted(let pack, let range):
            "you asked for \(name(pack))\(text(range))\(shortage(pack, range))"
        case .kept(let pack):
            "\(name(pack)) is installed"
        case .removed(let pack):
            "you asked to remove \(name(pack))"
        case .needs(let pack, let versions, let target, let range):
            "\(some(pack, versions)) \(isOne(pack, versions) ? "needs" : "need") "
                + "\(name(target))\(text(range))\(shortage(target, range))"
        case .follows:
            "of the above"
        }
    }

    private func text(_ range: VersionRange) -> String { range == .any ? "" : " \(range.description)" }

    /// What is known of a pack, when none of it is in the range.
    private func shortage(_ pack: Int, _ range: VersionRange) -> String {
        let versions = universe.packs[pack].versions
        if versions.contains(where: { range.contains($0.version) }) { return "" }
        if versions.isEmpty { return " (no version of \(name(pack)) is known here)" }
        return " (known here: \(text(of: pack, universe.packs[pack].all, "and")))"
    }

    /// A rule that was found out.
    func conclusion(_ rule: Rule) -> String {
        let terms = rule.terms.filter { !$0.set.contains(0) }
        let there = terms.map { some($0.pack, $0.set, any: "") }
        let needed = rule.terms.filter { $0.set.contains(0) }.map { term in
            some(term.pack, universe.packs[term.pack].all.subtracting(term.set), any: "", "or")
        }
        switch (there.count, needed.count) {
        case (0, 0): return "what you asked for cannot be done"
        case (1, 0): return "\(there[0]) cannot be used"
        case (_, 0): return "\(list(there, "and")) do not go together"
        case (0, 1): return "\(needed[0]) is needed"
        case (0, _): return "\(list(needed, "or")) is needed"
        case (1, _):
            let verb = isOne(terms[0].pack, terms[0].set) ? "needs" : "need"
            return "\(some(terms[0].pack, terms[0].set)) \(verb) \(list(needed, "or"))"
        default: return "\(list(there, "and")) together need \(list(needed, "or"))"
        }
    }

    /// Whether the verb after ``some(_:_:any:_:)`` has an "s".
    private func isOne(_ pack: Int, _ set: VersionSet) -> Bool {
        let count = set.numbers.count { $0 > 0 }
        return count == 1 || count == universe.packs[pack].versions.count
    }

    /// Some versions of a pack, such as `a 1.0.0 to 1.4.0`; all of them are `any` and its name.
    private func some(
        _ pack: Int, _ set: VersionSet, any: String = "every version of ", _ word: String = "and"
    ) -> String {
        let count = set.numbers.count { $0 > 0 }
        if count == universe.packs[pack].versions.count, count != 1 { return any + name(pack) }
        return "\(name(pack)) \(text(of: pack, set, word))"
    }

    /// Versions from old to new; neighbours among the known ones are told as one stretch.
    private func text(of pack: Int, _ set: VersionSet, _ word: String) -> String {
        let versions = universe.packs[pack].versions
        let rising = versions.indices.sorted { versions[$0].version < versions[$1].version }
        var stretches: [[String]] = []
        var isInside = false
        for index in rising {
            let isMember = set.contains(index + 1)
            if isMember, !isInside { stretches.append([]) }
            if isMember { stretches[stretches.count - 1].append(versions[index].version.description) }
            isInside = isMember
        }
        guard stretches.count <= 3 else {
            let count = stretches.reduce(0) { $0 + $1.count }
            return "(\(count) of its \(versions.count) versions)"
        }
        return list(stretches.flatMap(stretch), word)
    }

    private func stretch(_ members: [String]) -> [String] {
        guard members.count > 2, let first = members.first, let last = members.last else { return members }
        return ["\(first) to \(last)"]
    }

    /// `a`, `a and b`, `a, b and c`.
    func list(_ items: [String], _ word: String) -> String {
        guard items.count > 1, let last = items.last else { return items.first ?? "" }
        return items.dropLast().joined(separator: ", ") + " \(word) " + last
    }
}
