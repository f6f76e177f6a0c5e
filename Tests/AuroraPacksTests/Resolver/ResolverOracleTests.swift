import AuroraModel
import AuroraPacks
import Testing

/// The solver against a search that looks at every set there is.
@Suite struct ResolverOracleTests {
    @Test("ten thousand random cases: solvable or not, and the very set that looking at all sets finds best")
    func oracle() throws {
        var generator = Seeded(seed: 0x00A0_507A)
        var (solved, refused, circles) = (0, 0, 0)
        for number in 0..<10_000 {
            let world = try World(&generator)
            let best = world.best()
            do throws(ResolutionFailure) {
                let found = try world.resolver.resolve(world.request)
                solved += 1
                #expect(found.versions == best.map(world.versions), "case \(number): \(world)")
            } catch {
                switch error {
                case .conflict:
                    refused += 1
                    #expect(best == nil, "case \(number): \(world)")
                case .cycle:
                    circles += 1
                    #expect(best.map(world.hasCircle) == true, "case \(number): \(world)")
                default: Issue.record("case \(number): \(error)")
                }
            }
        }
        #expect(solved > 2_000 && refused > 2_000 && circles > 50, "\(solved) \(refused) \(circles)")
    }
}

/// A small random number generator that repeats itself (SplitMix64).
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

/// Up to five packs with up to five versions, an installed set and a request.
private struct World: CustomStringConvertible {
    struct Need {
        let target: Int
        /// The places in the order of preference that the range accepts.
        let accepted: Set<Int>
    }

    let resolver: Resolver
    let request: ResolutionRequest
    let description: String
    private var ids: [PackID] = []
    /// By pack: versions in the order of preference, from 1; 0 is "not there".
    private var candidates: [[KnownVersion]] = []
    private var needs: [[[Need]]] = []
    private var demanded: [Need] = []
    private var ranks: [Int] = []

    private static let texts = ["1.0.0", "1.1.0", "2.0.0-rc.1", "2.0.0", "3.0.0"]
    private static let ranges = [
        "*", "^1", "^2", ">=1.1.0", "<2.0.0", "1.0.0", "2.0.0-rc.1", ">=2.0.0-rc.0", "1.0.0 || 3.0.0", "^4",
    ]

    init(_ generator: inout Seeded) throws {
        let count = Int.random(in: 2...5, using: &generator)
        let names = ["a", "b", "c", "d", "e"].prefix(count).map { $0 }
        var known: [PackID: [KnownVersion]] = [:]
        for name in names {
            let versions = Self.texts.shuffled(using: &generator).prefix(Int.random(in: 0...5, using: &generator))
            for text in versions {
                var dependencies: [PackManifest.Dependency] = []
                for target in names where Int.random(in: 0..<4, using: &generator) == 0 {
                    let isBack = target <= name && Int.random(in: 0..<10, using: &generator) > 0
                    if !isBack { dependencies.append(try Self.need(target, &generator)) }
                }
                known[try pack(name), default: []].append(KnownVersion(try version(text), dependencies: dependencies))
            }
        }
        var installed: [PackID: SemanticVersion] = [:]
        for name in names where Int.random(in: 0..<3, using: &generator) == 0 {
            installed[try pack(name)] = known[try pack(name)]?.randomElement(using: &generator)?.version
        }
        var request = ResolutionRequest()
        for name in names where Int.random(in: 0..<3, using: &generator) == 0 {
            request.wanted.append(try Self.need(name, &generator))
        }
        for id in installed.keys.sorted() where Int.random(in: 0..<8, using: &generator) == 0 {
            if Bool.random(using: &generator) { request.upgraded.insert(id) } else { request.removed.insert(id) }
        }
        resolver = Resolver(known: known, installed: installed)
        self.request = request
        description = "\(known)\ninstalled \(installed)\n\(request)"
        try prepare(names, known, installed)
    }

    private static func need(_ name: String, _ generator: inout Seeded) throws -> PackManifest.Dependency {
        PackManifest.Dependency(
            id: try pack(name), range: try VersionRange(ranges.randomElement(using: &generator) ?? "*"))
    }

    private mutating func prepare(
        _ names: [String], _ known: [PackID: [KnownVersion]], _ installed: [PackID: SemanticVersion]
    ) throws {
        ids = try names.map(pack)
        for id in ids {
            let kept = request.upgraded.contains(id) ? nil : installed[id]
            candidates.append(
                (known[id] ?? []).sorted { left, right in
                    func place(_ version: SemanticVersion) -> (Int, Int, Int) {
                        let age = Self.texts.firstIndex(of: version.description) ?? 0
                        return (version == kept ? 0 : 1, version.prerelease.isEmpty ? 0 : 1, -age)
                    }
                    return place(left.version) < place(right.version)
                })
        }
        needs = candidates.map { $0.map { $0.dependencies.map(resolved) } }
        demanded = request.wanted.map(resolved)
        let named = Set(request.wanted.map(\.id)).union(request.removed)
        for (id, version) in installed where !named.contains(id) {
            guard let pack = ids.firstIndex(of: id) else { continue }
            let accepted = candidates[pack].indices.filter {
                let candidate = candidates[pack][$0].version
                return candidate == version || candidate.prerelease.isEmpty
            }
            demanded.append(Need(target: pack, accepted: Set(accepted.map { $0 + 1 })))
        }
        let asked = Set(request.wanted.map(\.id)).union(request.upgraded)
        ranks = ids.map { asked.contains($0) ? 1 : installed[$0] == nil ? 2 : 0 }
    }

    private func resolved(_ dependency: PackManifest.Dependency) -> Need {
        let pack = ids.firstIndex(of: dependency.id) ?? 0
        let accepted = candidates[pack].indices.filter { dependency.range.contains(candidates[pack][$0].version) }
        return Need(target: pack, accepted: Set(accepted.map { $0 + 1 }))
    }

    // MARK: Looking at all sets

    /// The best of all sets that answer the request.
    func best() -> [Int]? {
        var best: [Int]?
        var set = [Int](repeating: 0, count: ids.count)
        func choose(_ pack: Int) {
            guard pack < ids.count else {
                if isAnswer(set), best.map({ isBetter(set, $0) }) ?? true { best = set }
                return
            }
            let isRemoved = request.removed.contains(ids[pack])
            for version in 0...(isRemoved ? 0 : candidates[pack].count) {
                set[pack] = version
                choose(pack + 1)
            }
        }
        choose(0)
        return best
    }

    private func isAnswer(_ set: [Int]) -> Bool {
        var reached = [Bool](repeating: false, count: set.count)
        var waiting = demanded
        while let need = waiting.popLast() {
            guard need.accepted.contains(set[need.target]) else { return false }
            if reached[need.target] { continue }
            reached[need.target] = true
            waiting += needs[need.target][set[need.target] - 1]
        }
        return zip(set, reached).allSatisfy { ($0 > 0) == $1 }
    }

    /// Whether the first difference, in the order in which packs are needed and chosen, speaks for `left`.
    private func isBetter(_ left: [Int], _ right: [Int]) -> Bool {
        var needed = Set(demanded.map(\.target))
        var chosen: Set<Int> = []
        while let pack = needed.subtracting(chosen).min(by: { (ranks[$0], $0) < (ranks[$1], $1) }) {
            if left[pack] != right[pack] { return left[pack] < right[pack] }
            chosen.insert(pack)
            needed.formUnion(needs[pack][left[pack] - 1].map(\.target))
        }
        return false
    }

    func versions(_ set: [Int]) -> [PackID: SemanticVersion] {
        var versions: [PackID: SemanticVersion] = [:]
        for (pack, number) in set.enumerated() where number > 0 {
            versions[ids[pack]] = candidates[pack][number - 1].version
        }
        return versions
    }

    func hasCircle(_ set: [Int]) -> Bool {
        func reaches(_ start: Int) -> Bool {
            var seen: Set<Int> = []
            var waiting = needs[start][set[start] - 1].map(\.target)
            while let pack = waiting.popLast() {
                if pack == start { return true }
                if seen.insert(pack).inserted { waiting += needs[pack][set[pack] - 1].map(\.target) }
            }
            return false
        }
        return set.indices.contains { set[$0] > 0 && reaches($0) }
    }
}
