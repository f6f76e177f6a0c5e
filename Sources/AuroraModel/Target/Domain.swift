/// A field of use with a queue and a default policy of its own, such as `core` or `maritime`.
package struct Domain: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let name: String

    /// Checks a domain's name: 1 to 32 of `a-z 0-9 -`, starting with a letter; nil otherwise.
    package init?(_ name: String) {
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard let first = name.utf8.first, letters.contains(first), name.utf8.count <= 32,
            name.utf8.allSatisfy({ letters.contains($0) || digits.contains($0) || $0 == UInt8(ascii: "-") })
        else { return nil }
        self.name = name
    }

    private init(known name: String) { self.name = name }

    package static let core = Domain(known: "core")
    package static let automotive = Domain(known: "automotive")
    package static let maritime = Domain(known: "maritime")
    package static let aviation = Domain(known: "aviation")
    package static let satellite = Domain(known: "satellite")

    /// The domains that come with a default policy, in the order they are shown.
    package static let shipped: [Domain] = [.core, .automotive, .maritime, .aviation, .satellite]

    /// What a target of this domain is when nobody says: routine in `core`, safety-critical everywhere else.
    package var defaultSafetyClass: SafetyClass { self == .core ? .routine : .safetyCritical }

    package var description: String { name }

    package static func < (left: Domain, right: Domain) -> Bool {
        left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
    }
}

/// How much harm a wrong change can do; decides the floor no policy may go below.
package enum SafetyClass: String, Sendable, CaseIterable {
    case routine
    case safetyCritical = "safety-critical"
}
