/// A version in a range, of which the end may be left open: `1`, `1.2`, `1.2.x`, `*`.
struct PartialVersion {
    /// Decimal digits; nil where any number will do, and then what follows is nil too.
    private(set) var major: String?
    private(set) var minor: String?
    private(set) var patch: String?
    /// Only behind three numbers.
    private(set) var prerelease: [String] = []

    /// The 256 characters of ``SemanticVersion``, for a version with an open end too.
    private static let maximumLength = 256

    /// Reads a version that stands at `column`.
    init(_ word: String, column: Int) throws(VersionRangeError) {
        var reader = Reader(word: word, column: column)
        guard word.unicodeScalars.count <= Self.maximumLength else {
            throw reader.error(
                .tooLong, "has \(word.unicodeScalars.count) characters, and at most \(Self.maximumLength) are read",
                "shorten it; build metadata behind + does not count in a range")
        }
        let numbers = try reader.numbers()
        major = numbers[0]
        minor = numbers.count > 1 ? numbers[1] : nil
        patch = numbers.count > 2 ? numbers[2] : nil
        let written = try reader.qualifier(after: numbers.count)
        // `1.x.x-alpha` names no version that could have that prerelease.
        if patch != nil { prerelease = written }
    }

    /// What `sign` and this version come down to; "from" and "to" are the ends of a hyphen range.
    func comparators(_ sign: String) -> [VersionRange.Comparator] {
        switch sign {
        case "~", "~>": between(minor == nil ? nextMajor : nextMinor)
        case "^": between(nextBreaking)
        case ">=", "from": major == nil ? [] : [bound(.greaterOrEqual, lowest)]
        case ">": patch != nil ? [bound(.greater, lowest)] : after
        case "<": [bound(.less, patch != nil ? lowest : lowest.beforePrereleases)]
        case "<=", "to": patch != nil ? [bound(.lessOrEqual, lowest)] : upTo
        default: patch != nil ? [bound(.equal, lowest)] : between(minor == nil ? nextMajor : nextMinor)
        }
    }

    private var lowest: SemanticVersion {
        SemanticVersion(major ?? "0", minor ?? "0", patch ?? "0", prerelease: prerelease)
    }

    private var nextMajor: SemanticVersion { SemanticVersion(Decimal.successor(of: major ?? "0"), "0", "0") }

    private var nextMinor: SemanticVersion {
        SemanticVersion(major ?? "0", Decimal.successor(of: minor ?? "0"), "0")
    }

    /// The first version that may break those who use this one: the leftmost number that is not zero grows.
    private var nextBreaking: SemanticVersion {
        guard major == "0", let minor else { return nextMajor }
        guard minor == "0", let patch else { return nextMinor }
        return SemanticVersion("0", "0", Decimal.successor(of: patch))
    }

    private func between(_ end: SemanticVersion) -> [VersionRange.Comparator] {
        major == nil ? [] : [bound(.greaterOrEqual, lowest), bound(.less, end.beforePrereleases)]
    }

    /// `>1` begins with 2.0.0; nothing is greater than every version.
    private var after: [VersionRange.Comparator] {
        guard major != nil else { return [bound(.less, lowest.beforePrereleases)] }
        return [bound(.greaterOrEqual, minor == nil ? nextMajor : nextMinor)]
    }

    /// `<=1` takes all of 1.
    private var upTo: [VersionRange.Comparator] {
        major == nil ? [] : [bound(.less, (minor == nil ? nextMajor : nextMinor).beforePrereleases)]
    }

    private func bound(_ operation: VersionRange.Comparator.Operation, _ version: SemanticVersion)
        -> VersionRange.Comparator
    {
        VersionRange.Comparator(operation: operation, version: version)
    }
}

extension SemanticVersion {
    /// The lowest of all versions with these three numbers, so that `<2.0.0-0` leaves out 2.0.0-alpha too.
    fileprivate var beforePrereleases: SemanticVersion { SemanticVersion(major, minor, patch, prerelease: ["0"]) }
}

/// Whole numbers as decimal digits, of any length.
private enum Decimal {
    static func successor(of digits: String) -> String {
        var digits = Array(digits.utf8)
        for place in digits.indices.reversed() {
            if digits[place] != UInt8(ascii: "9") {
                digits[place] += 1
                return String(decoding: digits, as: UTF8.self)
            }
            digits[place] = UInt8(ascii: "0")
        }
        return "1" + String(decoding: digits, as: UTF8.self)
    }
}

// MARK: Reading

extension PartialVersion {
    /// Reads one word from left to right; every complaint is about the whole word.
    private struct Reader {
        let word: String
        let column: Int
        private var rest: Substring.UnicodeScalarView

        init(word: String, column: Int) {
            self.word = word
            self.column = column
            rest = word[...].unicodeScalars
            if rest.first == "v" { rest.removeFirst() }
        }

        func error(_ rule: VersionRangeError.Rule, _ problem: String, _ remedy: String) -> VersionRangeError {
            VersionRangeError(rule: rule, token: word, column: column, problem: problem, remedy: remedy)
        }

        /// One to three numbers or wildcards; nil is a wildcard.
        mutating func numbers() throws(VersionRangeError) -> [String?] {
            var numbers: [String?] = [try number()]
            while rest.first == "." {
                rest.removeFirst()
                guard numbers.count < 3 else {
                    throw error(.tooManyNumbers, "has more than three numbers", "write MAJOR.MINOR.PATCH")
                }
                let next = try number()
                if numbers.last == .some(nil), next != nil {
                    throw error(
                        .numberAfterWildcard, "has a number behind a wildcard", "leave out what follows the first x")
                }
                numbers.append(next)
            }
            return numbers
        }

        private mutating func number() throws(VersionRangeError) -> String? {
            if let first = rest.first, first == "x" || first == "X" || first == "*" {
                rest.removeFirst()
                return nil
            }
            var digits = ""
            while let first = rest.first, ("0"..."9").contains(first) {
                digits.unicodeScalars.append(rest.removeFirst())
            }
            guard !digits.isEmpty else { throw unknown() }
            guard digits.utf8.count == 1 || digits.utf8.first != UInt8(ascii: "0") else {
                throw error(.leadingZero, "has a number with a leading zero", "write the number without it")
            }
            return digits
        }

        /// What stands behind the numbers; the build metadata is checked and left out.
        mutating func qualifier(after count: Int) throws(VersionRangeError) -> [String] {
            var prerelease: [String] = []
            if rest.first == "-" {
                guard count == 3 else {
                    throw error(
                        .partialPrerelease, "has a prerelease behind less than three numbers",
                        "write all three, such as 1.2.0-beta")
                }
                rest.removeFirst()
                prerelease = try identifiers()
                for part in prerelease where part.utf8.count > 1 && part.utf8.first == UInt8(ascii: "0") {
                    guard !part.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                        throw error(.leadingZero, "has a number with a leading zero", "write the number without it")
                    }
                }
            }
            if rest.first == "+" {
                rest.removeFirst()
                _ = try identifiers()
            }
            guard rest.isEmpty else { throw unknown() }
            return prerelease
        }

        private mutating func identifiers() throws(VersionRangeError) -> [String] {
            var parts = [""]
            while let next = rest.first, next == "." || next == "-" || next.isASCIIAlphanumeric {
                rest.removeFirst()
                if next == "." { parts.append("") } else { parts[parts.count - 1].unicodeScalars.append(next) }
            }
            guard !parts.contains("") else {
                throw error(
                    .emptyIdentifier, "has an empty part behind - or +", "write letters, digits and - between the dots")
            }
            return parts
        }

        /// The word is no version: the remedy guesses what was meant.
        private func unknown() -> VersionRangeError {
            let remedy =
                switch true {
                case word == "&&": "a blank or a comma means \"and\""
                case word.contains("|"): "write || between alternatives"
                case word.contains("!"): "there is no \"not\"; write \"<1.2.3 || >1.2.3\""
                case word.hasPrefix("="): "write one = or none"
                case word.contains(where: { "<>=~^".contains($0) }): "put a blank or a comma before the next comparator"
                case rest.first?.isASCIIAlphanumeric == true && rest.count < word.unicodeScalars.count:
                    "a prerelease begins with -, such as 1.2.3-beta"
                default: "write a version such as 1.2.3, 1.2.x or *, with one of = < <= > >= ~ ^ before it"
                }
            return error(.unknownToken, "is not a version", remedy)
        }
    }
}

extension Unicode.Scalar {
    fileprivate var isASCIIAlphanumeric: Bool {
        ("0"..."9").contains(self) || ("a"..."z").contains(self) || ("A"..."Z").contains(self)
    }
}
