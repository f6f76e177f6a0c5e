/// Which versions a pack accepts of another: npm's range grammar in its strict form, with a comma meaning "and" too.
///
/// `1.2.3` is exactly that version, `1.2` and `1.2.x` any patch of it, `>=1.0.0 <2.0.0` and `>=1.0.0, <2.0.0` both bounds,
/// `a || b` either, `1.0.0 - 2.0.0` both ends included, `~1.2.3` the same minor, `^1.2.3` the same leftmost number that is
/// not zero. A prerelease is accepted only when a comparator beside it names a prerelease of the same three numbers.
/// Build metadata does not count. Numbers may have any length. The grammar is written down in docs/formats/manifest.md.
package struct VersionRange: Sendable, CustomStringConvertible {
    /// One bound: an operation and the version it compares with.
    package struct Comparator: Hashable, Sendable, CustomStringConvertible {
        /// How a version must stand to the bound, as it is written in a range.
        package enum Operation: String, Sendable {
            case less = "<"
            case lessOrEqual = "<="
            case greater = ">"
            case greaterOrEqual = ">="
            case equal = "="
        }

        package let operation: Operation
        /// Without build metadata.
        package let version: SemanticVersion

        package var description: String { (operation == .equal ? "" : operation.rawValue) + version.description }

        func admits(_ other: SemanticVersion) -> Bool {
            switch (operation, other.precedence(to: version)) {
            case (.less, .before), (.lessOrEqual, .before), (.lessOrEqual, .same), (.equal, .same),
                (.greaterOrEqual, .same), (.greaterOrEqual, .after), (.greater, .after):
                true
            default: false
            }
        }
    }

    /// Every version but prereleases.
    package static let any = VersionRange(text: "*", alternatives: [[]])

    /// As it was written, without the blanks around it; `*` for an empty text.
    package let description: String
    /// What it comes down to: a version must meet every comparator of one alternative.
    package let alternatives: [[Comparator]]

    /// Reads a range of at most 1,024 bytes and 64 comparators.
    /// - Throws: ``VersionRangeError`` with the token that is not understood, its column and what to write instead.
    package init(_ text: String) throws(VersionRangeError) {
        var parser = try VersionRangeParser(text)
        let alternatives = try parser.alternatives()
        let written = text.trimmingBlanks
        self.init(text: written.isEmpty ? "*" : written, alternatives: alternatives)
    }

    private init(text: String, alternatives: [[Comparator]]) {
        description = text
        self.alternatives = alternatives
    }

    /// The comparators that the text comes down to, such as `>=0.2.0 <0.3.0-0` for `^0.2`; `*` where there are none.
    package var meaning: String {
        alternatives.map { $0.isEmpty ? "*" : $0.map(\.description).joined(separator: " ") }.joined(separator: " || ")
    }

    /// Whether `version` is one of those.
    package func contains(_ version: SemanticVersion) -> Bool {
        alternatives.contains { comparators in
            comparators.allSatisfy { $0.admits(version) }
                && (version.prerelease.isEmpty || comparators.contains { $0.names(prereleasesOf: version) })
        }
    }
}

extension VersionRange: Hashable {
    /// Equal when they come down to the same comparators, however they were written.
    package static func == (left: VersionRange, right: VersionRange) -> Bool {
        left.alternatives == right.alternatives
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(alternatives) }
}

extension VersionRange.Comparator {
    /// Whether whoever wrote this bound had prereleases of these three numbers in mind.
    fileprivate func names(prereleasesOf other: SemanticVersion) -> Bool {
        !version.prerelease.isEmpty && version.major == other.major && version.minor == other.minor
            && version.patch == other.patch
    }
}

extension String {
    /// The text without blanks and tabs at either end.
    fileprivate var trimmingBlanks: String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let start = drop(while: isBlank)
        guard let last = start.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(start[...last])
    }
}
