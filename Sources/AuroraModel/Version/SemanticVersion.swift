/// A version in the sense of Semantic Versioning 2.0.0, with numbers of any length.
///
/// Order follows §11: build metadata does not count, so two versions may be unequal and yet neither precedes the other.
package struct SemanticVersion: Sendable, CustomStringConvertible {
    /// Decimal digits without leading zeros.
    package let major: String
    package let minor: String
    package let patch: String
    package let prerelease: [String]
    package let build: [String]

    /// Reads a version of at most 256 characters; nil when it breaks the grammar of semver.org §2 to §10.
    package init?(_ text: String) {
        guard text.utf8.count <= 256, text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        let withBuild = text.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        let withPrerelease = withBuild[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = withPrerelease[0].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard numbers.count == 3, numbers.allSatisfy(SemanticVersion.isNumber) else { return nil }
        var prerelease: [String] = []
        if withPrerelease.count == 2 {
            prerelease = SemanticVersion.identifiers(withPrerelease[1])
            guard prerelease.allSatisfy(SemanticVersion.isPrereleaseIdentifier) else { return nil }
        }
        var build: [String] = []
        if withBuild.count == 2 {
            build = SemanticVersion.identifiers(withBuild[1])
            guard build.allSatisfy(SemanticVersion.isIdentifier) else { return nil }
        }
        major = numbers[0]
        minor = numbers[1]
        patch = numbers[2]
        self.prerelease = prerelease
        self.build = build
    }

    /// Takes parts that are known to keep the grammar; the length of the whole is not limited here.
    init(_ major: String, _ minor: String, _ patch: String, prerelease: [String] = []) {
        self.major = major
        self.minor = minor
        self.patch = patch
        self.prerelease = prerelease
        build = []
    }

    package var description: String {
        let core = "\(major).\(minor).\(patch)"
        let pre = prerelease.isEmpty ? "" : "-" + prerelease.joined(separator: ".")
        return core + pre + (build.isEmpty ? "" : "+" + build.joined(separator: "."))
    }

    private static func identifiers(_ text: Substring) -> [String] {
        text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }

    private static func isDigits(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func isNumber(_ text: String) -> Bool {
        isDigits(text) && (text.utf8.count == 1 || text.utf8.first != 0x30)
    }

    private static func isIdentifier(_ text: String) -> Bool {
        !text.isEmpty
            && text.unicodeScalars.allSatisfy {
                $0 == "-" || ($0.isASCII && Character($0).isLetter) || ("0"..."9").contains($0)
            }
    }

    private static func isPrereleaseIdentifier(_ text: String) -> Bool {
        isDigits(text) ? isNumber(text) : isIdentifier(text)
    }
}

extension SemanticVersion: Hashable, Comparable {
    package static func < (left: SemanticVersion, right: SemanticVersion) -> Bool {
        left.precedence(to: right) == .before
    }

    /// Where a version stands in the order of §11.
    package enum Precedence: Sendable {
        case before, same, after
    }

    /// Compares by §11; ``Precedence/same`` when the versions differ in build metadata only.
    package func precedence(to other: SemanticVersion) -> Precedence {
        // Written out: the resolver compares tens of thousands of times, and a list to walk over is made anew each time.
        if major != other.major { return SemanticVersion.compareNumbers(major, other.major) }
        if minor != other.minor { return SemanticVersion.compareNumbers(minor, other.minor) }
        if patch != other.patch { return SemanticVersion.compareNumbers(patch, other.patch) }
        switch (prerelease.isEmpty, other.prerelease.isEmpty) {
        case (true, true): return .same
        case (true, false): return .after
        case (false, true): return .before
        case (false, false): return comparePrerelease(to: other)
        }
    }

    private func comparePrerelease(to other: SemanticVersion) -> Precedence {
        for (a, b) in zip(prerelease, other.prerelease) {
            let order: Precedence
            switch (SemanticVersion.isDigits(a), SemanticVersion.isDigits(b)) {
            case (true, true): order = SemanticVersion.compareNumbers(a, b)
            case (true, false): order = .before
            case (false, true): order = .after
            case (false, false): order = SemanticVersion.compareText(a, b)
            }
            if order != .same { return order }
        }
        let (mine, theirs) = (prerelease.count, other.prerelease.count)
        return mine == theirs ? .same : (mine < theirs ? .before : .after)
    }

    /// Numbers without leading zeros: the longer is the larger, else digit by digit.
    private static func compareNumbers(_ a: String, _ b: String) -> Precedence {
        guard a.utf8.count == b.utf8.count else { return a.utf8.count < b.utf8.count ? .before : .after }
        return compareText(a, b)
    }

    private static func compareText(_ a: String, _ b: String) -> Precedence {
        if a == b { return .same }
        return a.utf8.lexicographicallyPrecedes(b.utf8) ? .before : .after
    }
}
