package import AuroraModel

/// Whose namespace it is: a pack's or a plugin's; equal names of different kinds are different.
package struct NamespaceID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// What has the namespace.
    package enum Kind: String, Hashable, Sendable {
        case pack, plugin
    }

    package let kind: Kind
    /// The pack's id or the plugin's `publisher.name`; safe as one path component and in one log line.
    package let name: String

    /// The namespace of a pack.
    package init(_ pack: PackID) {
        kind = .pack
        name = pack.text
    }

    /// Reads `pack:ID` or `plugin:PUBLISHER.NAME`, as ``description`` writes it; both names follow the rule of pack ids.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let kind = Kind(rawValue: parts[0]), let name = PackID(parts[1]) else { return nil }
        self.kind = kind
        self.name = name.text
    }

    /// For example `pack:pack03_os_base`.
    package var description: String { "\(kind.rawValue):\(name)" }

    package static func < (left: Self, right: Self) -> Bool {
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }
}
