package import AuroraModel

/// Chooses the versions of all packs of a device so that everybody gets what it needs.
///
/// Deterministic: the same known versions, installed set and request have the same answer on every device, in whatever
/// order they are given. The order of choice:
/// 1. installed packs that the request does not name, by name: each stays as it is if anything allows it;
/// 2. packs that the request names, by name: the installed version if it is in range, else the newest release; as new as
///    possible when they are to be upgraded;
/// 3. whatever those need, by name, in the same way.
///
/// An earlier pack is never worse off for a later one. A prerelease is chosen only when every range on its pack names it, and
/// only where no release will do. Installed packs stay in the set unless they are removed by name. Any thread.
package struct Resolver {
    private let known: [PackID: [KnownVersion]]
    private let installed: [PackID: SemanticVersion]
    private let budget: ResolutionBudget

    /// - Parameters:
    ///   - known: every version that could be used here, installed ones too, with what it needs.
    ///   - installed: what is active now.
    package init(
        known: [PackID: [KnownVersion]], installed: [PackID: SemanticVersion] = [:],
        budget: ResolutionBudget = ResolutionBudget()
    ) {
        self.known = known
        self.installed = installed
        self.budget = budget
    }

    /// The best set that answers the request.
    package func resolve(_ request: ResolutionRequest) throws(ResolutionFailure) -> Resolution {
        for (id, version) in installed.sorted(by: { $0.key < $1.key }) where !request.removed.contains(id) {
            guard known[id]?.contains(where: { $0.version == version }) == true else {
                throw .unknownInstalled(id, version)
            }
        }
        let universe = Universe(known: known, installed: installed, request: request)
        var solver = PubGrub(universe, order: orderOfChoice(universe, request), budget: budget)
        state(request, universe, &solver)
        switch solver.solve() {
        case .solved(let answer):
            return try resolution(answer, solver)
        case .impossible(let rule):
            throw .conflict(
                sentences: Explanation.sentences(for: rule, rules: solver.rules, universe: solver.universe))
        case .spent(let rule):
            let sentences = rule.map {
                Explanation.sentences(for: $0, rules: solver.rules, universe: solver.universe)
            }
            throw .budget(decisions: solver.decisions, sentences: sentences ?? [])
        }
    }

    private func orderOfChoice(_ universe: Universe, _ request: ResolutionRequest) -> [Int] {
        let named = Set(request.wanted.map(\.id)).union(request.upgraded)
        func rank(_ pack: Int) -> Int {
            let id = universe.packs[pack].id
            if named.contains(id) { return 1 }
            return installed[id] == nil ? 2 : 0
        }
        return universe.packs.indices.sorted { (rank($0), $0) < (rank($1), $1) }
    }

    /// Tells the solver what the request and the installed set come to.
    private func state(_ request: ResolutionRequest, _ universe: Universe, _ solver: inout PubGrub) {
        for dependency in request.wanted.sorted(by: { ($0.id, $0.range.description) < ($1.id, $1.range.description) }) {
            guard let pack = universe.numbers[dependency.id] else { continue }
            let allowed = solver.versions(of: pack, in: dependency.range)
            solver.require(pack, in: allowed, because: .wanted(pack: pack, range: dependency.range))
        }
        let absent = Set(request.wanted.map(\.id)).union(request.removed)
        for (id, version) in installed.sorted(by: { $0.key < $1.key }) where !absent.contains(id) {
            guard let pack = universe.numbers[id] else { continue }
            var allowed = solver.versions(of: pack, in: .any)
            if let place = universe.packs[pack].versions.firstIndex(where: { $0.version == version }) {
                allowed.insert(place + 1)
            }
            solver.require(pack, in: allowed, because: .kept(pack: pack))
        }
        for id in request.removed.sorted() {
            guard let pack = universe.numbers[id] else { continue }
            var allowed = VersionSet(below: universe.packs[pack].versions.count + 1)
            allowed.insert(0)
            solver.require(pack, in: allowed, because: .removed(pack: pack))
        }
    }

    private func resolution(_ answer: [Int: Int], _ solver: PubGrub) throws(ResolutionFailure) -> Resolution {
        var versions: [PackID: SemanticVersion] = [:]
        var needs: [PackID: [PackID]] = [:]
        for (pack, number) in answer {
            let chosen = solver.universe.packs[pack]
            versions[chosen.id] = chosen.versions[number - 1].version
            needs[chosen.id] = chosen.versions[number - 1].dependencies.map(\.id)
        }
        return Resolution(
            versions: versions, order: try InstallOrder.order(needs), decisions: solver.decisions)
    }
}
