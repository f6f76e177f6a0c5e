/// What the solver holds to be true, in the order in which it came to it.
struct Trail {
    /// One step.
    struct Step {
        let pack: Int
        /// What was found out or tried in this step.
        let own: VersionSet
        /// What is possible for the pack since then.
        let possible: VersionSet
        /// How many versions had been tried by then, this one counted.
        let level: Int
        /// The rule it follows from; nil when a version was tried.
        let cause: Int?
    }

    private let universe: [VersionSet]
    private(set) var steps: [Step] = []
    private(set) var level = 0
    /// The places in `steps` of each pack, rising.
    private var places: [[Int]]
    /// The version that is tried of each pack now.
    private(set) var tried: [Int?]

    init(_ universe: [VersionSet]) {
        self.universe = universe
        places = [[Int]](repeating: [], count: universe.count)
        tried = [Int?](repeating: nil, count: universe.count)
    }

    /// What is possible for a pack now.
    func possible(_ pack: Int) -> VersionSet {
        places[pack].last.map { steps[$0].possible } ?? universe[pack]
    }

    mutating func derive(_ pack: Int, without set: VersionSet, because cause: Int) {
        append(pack, universe[pack].subtracting(set), cause: cause)
    }

    mutating func attempt(_ pack: Int, _ version: Int) {
        level += 1
        var set = universe[pack].subtracting(universe[pack])
        set.insert(version)
        tried[pack] = version
        append(pack, set, cause: nil)
    }

    private mutating func append(_ pack: Int, _ own: VersionSet, cause: Int?) {
        places[pack].append(steps.count)
        let possible = possible(beforeLast: pack).intersection(own)
        steps.append(Step(pack: pack, own: own, possible: possible, level: level, cause: cause))
    }

    private func possible(beforeLast pack: Int) -> VersionSet {
        let own = places[pack]
        return own.count > 1 ? steps[own[own.count - 2]].possible : universe[pack]
    }

    /// Forgets all steps above a level; what was tried in them is returned, the last first.
    mutating func goBack(to target: Int) -> [(pack: Int, version: Int)] {
        var forgotten: [(pack: Int, version: Int)] = []
        while let last = steps.last, last.level > target {
            steps.removeLast()
            places[last.pack].removeLast()
            if last.cause == nil, let version = tried[last.pack] {
                forgotten.append((last.pack, version))
                tried[last.pack] = nil
            }
        }
        level = target
        return forgotten
    }

    /// The first step since when the pack can only be in `set`, if `also` is known of it; -1 when that alone is enough.
    func satisfier(_ pack: Int, in set: VersionSet, also: VersionSet? = nil) -> Int {
        if let also, also.isSubset(of: set) { return -1 }
        for place in places[pack] {
            let possible = steps[place].possible
            if (also.map(possible.intersection) ?? possible).isSubset(of: set) { return place }
        }
        return -1
    }
}
