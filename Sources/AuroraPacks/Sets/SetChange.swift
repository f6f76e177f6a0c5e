package import AuroraModel

/// What becomes different when one set follows another, and in which order it is stopped and started.
package struct SetChange: Hashable, Sendable {
    package let from: PackSet
    package let to: PackSet

    package init(from: PackSet, to: PackSet) {
        self.from = from
        self.to = to
    }

    /// Packs that are added, removed, or have another tree or other grants; by id.
    package var changed: [PackID] {
        Set((from.members + to.members).map(\.id)).filter { from[$0] != to[$0] }.sorted()
    }

    /// The packs that are stopped and started: the changed ones, and those in whose rooms a changed one appears.
    ///
    /// Everything else goes on running through the change.
    package var affected: Set<PackID> {
        let changed = Set(changed)
        let others = (from.members + to.members).filter { !changed.isDisjoint(with: $0.requires) }
        return changed.union(others.map(\.id))
    }

    /// The affected packs that may be running, each before the packs it needs.
    package var stopOrder: [PackID] {
        let affected = affected
        return from.order.reversed().filter(affected.contains)
    }

    /// The affected packs of the new set, each after the packs it needs.
    package var startOrder: [PackID] {
        let affected = affected
        return to.order.filter(affected.contains)
    }

    /// The same change taken back.
    package var reversed: SetChange { SetChange(from: to, to: from) }
}
