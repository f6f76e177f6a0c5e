import AuroraModel

/// Everything that one resolution knows, by number: packs in order of their names, versions in order of preference.
///
/// The order of what the caller gave leaves no trace here, so neither does it in the answer.
struct Universe {
    /// One pack.
    struct Pack {
        let id: PackID
        /// The installed version first, then releases, then prereleases, each from new to old; number 1 is the first.
        var versions: [KnownVersion] = []
        var all = VersionSet.all(below: 1)
        /// Its dependencies, equal ones of several versions together; filled by ``Universe/needs(of:_:)``.
        var needs: [Need]?
    }

    /// A dependency that some versions of a pack have in the same words.
    struct Need {
        let target: Int
        let range: VersionRange
        /// Those versions.
        var versions: VersionSet
        /// Whether the solver has its rule already.
        var isKnown = false
    }

    private struct RangeOfPack: Hashable {
        let pack: Int
        let range: String
    }

    private(set) var packs: [Pack] = []
    private(set) var numbers: [PackID: Int] = [:]
    private var accepted: [RangeOfPack: VersionSet] = [:]

    init(
        known: [PackID: [KnownVersion]], installed: [PackID: SemanticVersion], request: ResolutionRequest
    ) {
        var names = Set(known.keys)
        for version in known.values.joined() { names.formUnion(version.dependencies.lazy.map(\.id)) }
        names.formUnion(installed.keys)
        names.formUnion(request.wanted.map(\.id))
        names.formUnion(request.removed)
        for (number, id) in names.sorted().enumerated() {
            numbers[id] = number
            let preferred = request.upgraded.contains(id) ? nil : installed[id]
            var pack = Pack(id: id)
            pack.versions = Self.inOrderOfPreference(known[id] ?? [], preferred: preferred)
            pack.all = VersionSet.all(below: pack.versions.count + 1)
            packs.append(pack)
        }
    }

    private static func inOrderOfPreference(
        _ versions: [KnownVersion], preferred: SemanticVersion?
    ) -> [KnownVersion] {
        func isBefore(_ left: KnownVersion, _ right: KnownVersion) -> Bool {
            let (a, b) = (left.version, right.version)
            if let preferred, (a == preferred) != (b == preferred) { return a == preferred }
            if a.prerelease.isEmpty != b.prerelease.isEmpty { return a.prerelease.isEmpty }
            switch a.precedence(to: b) {
            case .after: return true
            case .before: return false
            // They differ in build metadata at most, which has no order of its own.
            case .same: return a.build.joined(separator: ".") > b.build.joined(separator: ".")
            }
        }
        var seen: Set<SemanticVersion> = []
        return versions.sorted(by: isBefore).filter { seen.insert($0.version).inserted }
    }

    /// The versions of a pack that a range accepts.
    mutating func versions(of pack: Int, in range: VersionRange) -> VersionSet {
        let key = RangeOfPack(pack: pack, range: range.description)
        if let known = accepted[key] { return known }
        var set = VersionSet(below: packs[pack].versions.count + 1)
        for index in packs[pack].versions.indices where range.contains(packs[pack].versions[index].version) {
            set.insert(index + 1)
        }
        accepted[key] = set
        return set
    }

    /// Which entries of `packs[pack].needs` one version has, in order of the packs they name.
    mutating func needs(of pack: Int, _ version: Int) -> [Int] {
        let needs = packs[pack].needs ?? collectNeeds(of: pack)
        return needs.indices.filter { needs[$0].versions.contains(version) }
    }

    private mutating func collectNeeds(of pack: Int) -> [Need] {
        var found: [RangeOfPack: Need] = [:]
        let count = packs[pack].versions.count + 1
        for (index, candidate) in packs[pack].versions.enumerated() {
            for dependency in candidate.dependencies {
                guard let target = numbers[dependency.id] else { continue }
                let key = RangeOfPack(pack: target, range: dependency.range.description)
                found[key, default: Need(target: target, range: dependency.range, versions: VersionSet(below: count))]
                    .versions.insert(index + 1)
            }
        }
        let needs = found.sorted { ($0.key.pack, $0.key.range) < ($1.key.pack, $1.key.range) }.map(\.value)
        packs[pack].needs = needs
        return needs
    }

    /// Notes that the solver has the rule of a need; false when it had it before.
    mutating func markKnown(_ need: Int, of pack: Int) -> Bool {
        guard packs[pack].needs?[need].isKnown == false else { return false }
        packs[pack].needs?[need].isKnown = true
        return true
    }
}
