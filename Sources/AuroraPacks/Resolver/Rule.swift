import AuroraModel

/// Possibilities that must not all be true at once (PubGrub calls it an incompatibility).
///
/// "a 1.0.0 needs b ^2" is: not both "a is 1.0.0" and "b is not there or not ^2".
struct Rule {
    /// One pack and some of its possibilities.
    struct Term: Hashable {
        let pack: Int
        let set: VersionSet
    }

    /// Why the rule holds.
    enum Cause {
        /// The request names the pack.
        case wanted(pack: Int, range: VersionRange)
        /// The pack is installed and the request does not name it.
        case kept(pack: Int)
        /// The request removes the pack.
        case removed(pack: Int)
        /// These versions of the pack need another.
        case needs(pack: Int, versions: VersionSet, target: Int, range: VersionRange)
        /// It follows from two other rules.
        case follows(Int, Int)
    }

    /// At most one for each pack, in order of the packs; terms that are always true are left out.
    let terms: [Term]
    let cause: Cause
}
