/// A path reduced to 128 bits, so that 200,000 long names fit into little memory.
///
/// The standard library's hash is keyed at random for each process and the key never leaves the child, so nobody can
/// prepare a collision; an accidental one (about 1 in 10^28 for 200,000 names) refuses a good archive, never accepts
/// a bad one.
struct PathKey: Hashable {
    private let high: UInt64
    private let low: UInt64

    /// The keys of a path's ancestors and of itself, in order; two names are equal when their bytes are.
    static func exact(_ components: [String]) -> [PathKey] {
        chain(components) { component, hasher in
            for byte in component.utf8 { hasher.combine(byte) }
            hasher.combine(UInt8(0))
        }
    }

    /// The same for folded names: two names are equal when ``NameFolding`` cannot tell them apart.
    static func folded(_ components: [String]) -> [PathKey] {
        chain(components) { component, hasher in
            // A string's own hash does not tell canonically equal strings apart, which is what is wanted here.
            hasher.combine(NameFolding.fold(component))
        }
    }

    private static func chain(_ components: [String], mix: (String, inout Hasher) -> Void) -> [PathKey] {
        var highHasher = Hasher()
        var lowHasher = Hasher()
        highHasher.combine(0)
        lowHasher.combine(1)
        return components.map { component in
            mix(component, &highHasher)
            mix(component, &lowHasher)
            return PathKey(
                high: UInt64(bitPattern: Int64(highHasher.finalize())),
                low: UInt64(bitPattern: Int64(lowHasher.finalize())))
        }
    }
}
