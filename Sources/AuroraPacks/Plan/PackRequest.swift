package import AuroraModel

/// What somebody wants to become of a device's packs.
package enum PackRequest: Hashable, Sendable {
    /// One wish about one pack.
    package enum Wish: Hashable, Sendable {
        /// The newest staged version, or the newest in the range.
        case version(PackID, VersionRange?)
        /// Exactly these staged bytes.
        case tree(Digest)
        /// The pack goes.
        case removal(PackID)
    }

    /// These wishes at once; all other active packs stay, at their versions where that is possible.
    case change([Wish])
    /// The packs of an earlier generation, as a change of its own.
    case generation(Int)
    /// What the active generation replaced.
    case takeBack
}
