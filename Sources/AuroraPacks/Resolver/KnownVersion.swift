package import AuroraModel

/// One version of a pack that could be active on this device, and what it needs.
package struct KnownVersion: Hashable, Sendable {
    package let version: SemanticVersion
    package let dependencies: [PackManifest.Dependency]

    package init(_ version: SemanticVersion, dependencies: [PackManifest.Dependency] = []) {
        self.version = version
        self.dependencies = dependencies
    }
}

/// What somebody wants of the set of packs on a device.
package struct ResolutionRequest: Hashable, Sendable {
    /// Packs that are to be there, each in a version of its range; a version that is installed stays when it is in range.
    package var wanted: [PackManifest.Dependency]
    /// Installed or wanted packs that are to become as new as possible.
    package var upgraded: Set<PackID>
    /// Packs that are not to be there any more.
    package var removed: Set<PackID>

    package init(
        wanted: [PackManifest.Dependency] = [], upgraded: Set<PackID> = [], removed: Set<PackID> = []
    ) {
        self.wanted = wanted
        self.upgraded = upgraded
        self.removed = removed
    }
}

/// The set of packs that answers a request.
package struct Resolution: Hashable, Sendable {
    /// Every pack of the set.
    package let versions: [PackID: SemanticVersion]
    /// The same packs, each after all that it needs; the reverse is the order to stop them in.
    package let order: [PackID]
    /// How many versions were tried.
    package let decisions: Int
}

/// How hard a resolution is tried.
///
/// Counts, not time, so that the same input has the same answer on every device.
package struct ResolutionBudget: Hashable, Sendable {
    /// Versions tried.
    package var decisions = 100_000
    /// Rules looked at; twenty million take about two seconds.
    package var steps = 20_000_000

    package init() {}
}
