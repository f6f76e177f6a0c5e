import AuroraModel

/// Chooses the packs of the next set from what is in the store.
struct PackChoice {
    let known: [KnownPack]
    let active: PackSet
    /// Why trees may not be activated.
    let blocked: [Digest: String]

    /// The set that answers all wishes, and how it came about in sentences.
    ///
    /// - Throws: `Refusal`: `pack_unknown`, `pack_blocked`, `pack_unsatisfiable`.
    func choose(_ wishes: [PackRequest.Wish]) throws -> (set: PackSet, sentences: [String]) {
        var request = ResolutionRequest()
        var exact: [PackID: KnownPack] = [:]
        for wish in wishes {
            switch wish {
            case .version(let id, let range):
                guard known.contains(where: { $0.id == id }) else { throw PackRefusals.unknown(id, "is not staged") }
                try requireUsable(id, range)
                if let range {
                    request.wanted.append(PackManifest.Dependency(id: id, range: range))
                } else {
                    request.wanted.append(PackManifest.Dependency(id: id, range: .any))
                    request.upgraded.insert(id)
                }
            case .tree(let tree):
                let pack = try staged(tree)
                exact[pack.id] = pack
                request.wanted.append(PackManifest.Dependency(id: pack.id, range: try VersionRange("=\(pack.version)")))
            case .removal(let id):
                guard active[id] != nil else { throw PackRefusals.unknown(id, "is not active") }
                request.removed.insert(id)
            }
        }
        let candidates = candidates(exact)
        let resolution = try resolve(request, candidates)
        let members = resolution.versions.compactMap { id, version in
            candidates[id]?.first { $0.version == version }?.member
        }
        return (try PackSet(members), sentences(members))
    }

    /// Of every version the tree that would be taken: the one asked for, else the active one, else what was staged last.
    private func candidates(_ exact: [PackID: KnownPack]) -> [PackID: [KnownPack]] {
        var found: [PackID: [KnownPack]] = [:]
        for pack in known.sorted(by: { rank($0, exact) < rank($1, exact) }) {
            let isActive = active[pack.id]?.tree == pack.tree
            if blocked[pack.tree] != nil, !isActive { continue }
            if found[pack.id]?.contains(where: { $0.version == pack.version }) == true { continue }
            found[pack.id, default: []].append(pack)
        }
        return found
    }

    private func rank(_ pack: KnownPack, _ exact: [PackID: KnownPack]) -> (Int, Int64, String) {
        let place = exact[pack.id]?.tree == pack.tree ? 0 : active[pack.id]?.tree == pack.tree ? 1 : 2
        return (place, -pack.staged.staged.milliseconds, pack.tree.hex)
    }

    private func resolve(
        _ request: ResolutionRequest, _ candidates: [PackID: [KnownPack]]
    ) throws -> Resolution {
        let resolver = Resolver(
            known: candidates.mapValues { packs in
                packs.map { KnownVersion($0.version, dependencies: $0.manifest.dependencies) }
            },
            installed: Dictionary(uniqueKeysWithValues: active.members.map { ($0.id, $0.version) }))
        do {
            return try resolver.resolve(request)
        } catch {
            throw Refusal(
                .unprocessable, code: "pack_unsatisfiable",
                ([error.description] + leftOut(candidates)).joined(separator: "\n"),
                subject: request.wanted.first?.id.text ?? "",
                rule: "every active pack has what it needs, in versions it accepts",
                remedy: "stage what is missing, or ask for other versions")
        }
    }

    private func staged(_ tree: Digest) throws -> KnownPack {
        guard let pack = known.first(where: { $0.tree == tree }) else {
            throw Refusal(
                .notFound, code: "pack_unknown", "Nothing with the tree \(tree.hex) is staged.", subject: tree.hex,
                rule: "a pack is staged before it is used", remedy: "see what is: aurora pack list")
        }
        if let reason = blocked[tree] { throw Self.blocked(pack, reason) }
        return pack
    }

    /// Refuses a pack of which every tree that would answer the wish failed here; nil wishes for another than the active one.
    private func requireUsable(_ id: PackID, _ range: VersionRange?) throws {
        let answers = known.filter { pack in
            pack.id == id && (range?.contains(pack.version) ?? (active[id]?.tree != pack.tree))
        }
        guard answers.allSatisfy({ blocked[$0.tree] != nil && active[id]?.tree != $0.tree }),
            let newest = answers.max(by: { $0.version < $1.version }), let reason = blocked[newest.tree]
        else { return }
        throw Self.blocked(newest, reason)
    }

    /// Says of each version that only trees which failed here have that it was not taken, and why.
    private func leftOut(_ candidates: [PackID: [KnownPack]]) -> [String] {
        known.compactMap { pack in
            guard let reason = blocked[pack.tree],
                candidates[pack.id]?.contains(where: { $0.version == pack.version }) != true
            else { return nil }
            return "\(pack.id) \(pack.version) is not taken: it failed on this device before: \(Self.sentence(reason))"
        }
    }

    private static func blocked(_ pack: KnownPack, _ reason: String) -> Refusal {
        Refusal(
            .conflict, code: "pack_blocked",
            "\(pack.id) \(pack.version) failed on this device before: \(sentence(reason))", subject: pack.id.text,
            rule: "what failed is not tried again until a person has cleared it",
            remedy: "stage a corrected version, or clear the block: "
                + "aurora pack unblock \(pack.tree.hex) --reason TEXT")
    }

    /// What was given as a reason, with one full stop.
    private static func sentence(_ reason: String) -> String { reason.hasSuffix(".") ? reason : reason + "." }

    private func variant(of member: PackSet.Member) -> String {
        known.first { $0.tree == member.tree }?.variant.map { ", as its variant \($0)" } ?? ""
    }

    private func sentences(_ members: [PackSet.Member]) -> [String] {
        let removed = active.members.filter { old in !members.contains { $0.id == old.id } }
        return members.sorted { $0.id < $1.id }.map { member in
            guard let old = active[member.id] else {
                return "\(member.id) \(member.version) is added\(variant(of: member))."
            }
            if old == member { return "\(member.id) stays at \(member.version)." }
            return "\(member.id) goes from \(old.version) to \(member.version)\(variant(of: member))."
        } + removed.map { "\($0.id) \($0.version) is removed." }
    }
}
