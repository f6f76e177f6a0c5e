import AuroraModel
import AuroraPacks
import AuroraSystem

/// The resolver over 1,000 packs with 20 versions each, and over a puzzle that no such solver finishes.
enum ResolverRows {
    static func run(_ bench: Bench) throws -> [ResultRow] {
        let fresh = try Shelf(packs: 1_000, versions: 20)
        let (first, chosen) = try measure(bench) { try fresh.resolve(installed: [:]) }
        let installed = try fresh.resolve(installed: [:])
        let (upgrade, _) = try measure(bench) { try fresh.resolve(installed: installed.versions) }
        let puzzle = try Puzzle(places: 12)
        let (spent, tries) = try measure(bench) { try puzzle.run() }
        return [
            ResultRow(
                "resolve 1,000 packs × 20 versions, none installed (\(chosen.versions.count) chosen)",
                ours: first.text, bar: "< 100 ms", isMet: first.median < 0.1),
            ResultRow(
                "resolve the same with all of them installed, one upgraded", ours: upgrade.text, bar: "< 100 ms",
                isMet: upgrade.median < 0.1),
            ResultRow(
                "give up on 13 packs for 12 places (budget spent after \(tries) tries)", ours: spent.text,
                bar: "< 5 s", isMet: spent.median < 5),
        ]
    }

    private static func measure<T>(_ bench: Bench, _ body: () throws -> T) throws -> (Samples, T) {
        var samples = Samples(.seconds)
        var result = try body()
        for _ in 0..<bench.rounds { samples.add(try seconds { result = try body() }) }
        return (samples, result)
    }
}

/// Packs that need some of the following ones, in ranges that are not always the newest.
private struct Shelf {
    private let known: [PackID: [KnownVersion]]
    private let roots: [PackManifest.Dependency]

    init(packs: Int, versions: Int) throws {
        var state: UInt64 = 42
        func next(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        var known: [PackID: [KnownVersion]] = [:]
        for number in 0..<packs {
            for index in 0..<versions {
                let major = index / 5 + 1
                var needs: [PackManifest.Dependency] = []
                for step in [1, 7, 31] where number + step < packs {
                    let target = number + step
                    // Now and then a version wants an older one than its neighbours do: then the solver has to go back.
                    let wanted = next(12) == 0 ? max(1, major - 1) : major
                    needs.append(
                        PackManifest.Dependency(id: try id(target), range: try VersionRange(">=\(wanted).\(next(3))")))
                    if next(40) == 0 {
                        needs[needs.count - 1].range = try VersionRange("^\(wanted)")
                    }
                }
                known[try id(number), default: []].append(
                    KnownVersion(try version(major, index % 5), dependencies: needs))
            }
        }
        self.known = known
        roots = [PackManifest.Dependency(id: try id(0), range: .any)]
    }

    func resolve(installed: [PackID: SemanticVersion]) throws -> Resolution {
        var request = ResolutionRequest(wanted: roots)
        if !installed.isEmpty { request.upgraded = [try id(500)] }
        return try Resolver(known: known, installed: installed).resolve(request)
    }
}

/// Packs of which each needs one of a few places, none the same as another's.
private struct Puzzle {
    private var known: [PackID: [KnownVersion]] = [:]
    private var wanted: [PackManifest.Dependency] = []

    init(places: Int) throws {
        for place in 0..<places {
            known[try id(1_000 + place)] = try (0...places).map { KnownVersion(try version($0 + 1, 0)) }
        }
        for guest in 0...places {
            known[try id(guest)] = try (0..<places).map { place in
                let need = PackManifest.Dependency(id: try id(1_000 + place), range: try VersionRange("\(guest + 1)"))
                return KnownVersion(try version(place + 1, 0), dependencies: [need])
            }
            wanted.append(PackManifest.Dependency(id: try id(guest), range: .any))
        }
    }

    /// The number of tries until it gave up.
    func run() throws -> Int {
        do throws(ResolutionFailure) {
            _ = try Resolver(known: known).resolve(ResolutionRequest(wanted: wanted))
        } catch {
            if case .budget(let decisions, _) = error { return decisions }
        }
        return 0
    }
}

private func id(_ number: Int) throws -> PackID { try PackID.require("pack-\(number)") }

private func version(_ major: Int, _ minor: Int) throws -> SemanticVersion {
    guard let version = SemanticVersion("\(major).\(minor).0") else { throw BenchError("no version") }
    return version
}
