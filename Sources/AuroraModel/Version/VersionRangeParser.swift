/// Reads a range: alternatives between `||`, in them words between blanks and commas, in words an operator and a version.
struct VersionRangeParser {
    typealias Comparator = VersionRange.Comparator

    /// A run of characters without a blank, a comma or `||`, and its column from 1.
    private struct Word {
        var text: String
        var column: Int
        /// Whether a comma stands before it in its alternative.
        var followsComma = false
    }

    private static let limit = (bytes: 1024, comparators: 64)

    /// The words of each alternative.
    private var lines: [[Word]] = []
    private var count = 0

    /// Splits `text` into words.
    init(_ text: String) throws(VersionRangeError) {
        guard text.utf8.count <= Self.limit.bytes else {
            throw VersionRangeError(
                rule: .tooLong, token: "", column: 1,
                problem: "the range has \(text.utf8.count) bytes, and at most \(Self.limit.bytes) are read",
                remedy: "write a shorter range")
        }
        var scanner = Scanner()
        let scalars = Array(text.unicodeScalars)
        var index = 0
        while index < scalars.count {
            if scalars[index] == "|", index + 1 < scalars.count, scalars[index + 1] == "|" {
                try scanner.endLine(column: index + 1)
                index += 2
            } else {
                try scanner.take(scalars[index], column: index + 1)
                index += 1
            }
        }
        try scanner.endLine(column: scalars.count + 1)
        lines = scanner.lines
    }

    /// The comparators of every alternative; an empty one accepts every version.
    mutating func alternatives() throws(VersionRangeError) -> [[Comparator]] {
        var alternatives: [[Comparator]] = []
        for words in lines {
            alternatives.append(try words.contains { $0.text == "-" } ? hyphenRange(words) : comparators(words))
        }
        return alternatives
    }

    /// `1.2.3 - 2.3.4`: both ends included, and nothing beside them.
    private mutating func hyphenRange(_ words: [Word]) throws(VersionRangeError) -> [Comparator] {
        guard words.count == 3, words[1].text == "-", !words.contains(where: \.followsComma) else {
            let hyphen = words.first { $0.text == "-" } ?? words[0]
            throw VersionRangeError(
                rule: .badHyphenRange, token: "-", column: hyphen.column,
                problem: "does not stand between exactly two versions",
                remedy: "write \"1.0.0 - 2.0.0\" alone between ||, or the bounds as \">=1.0.0 <=2.0.0\"")
        }
        try charge(words[1], 2)
        return try PartialVersion(words[0].text, column: words[0].column).comparators("from")
            + PartialVersion(words[2].text, column: words[2].column).comparators("to")
    }

    private mutating func comparators(_ words: [Word]) throws(VersionRangeError) -> [Comparator] {
        var comparators: [Comparator] = []
        var rest = words[...]
        while let word = rest.popFirst() {
            try charge(word, 1)
            let sign = Self.operators.first { word.text.hasPrefix($0) } ?? ""
            var version = Word(
                text: String(word.text.dropFirst(sign.count)), column: word.column + sign.unicodeScalars.count)
            if version.text.isEmpty {
                guard let next = rest.popFirst(), !next.followsComma,
                    !Self.operators.contains(where: { next.text.hasPrefix($0) })
                else {
                    throw VersionRangeError(
                        rule: .missingVersion, token: sign, column: word.column, problem: "has no version behind it",
                        remedy: "write for example \(sign)1.2.3")
                }
                version = next
            }
            for comparator in try PartialVersion(version.text, column: version.column).comparators(sign)
            where !comparators.contains(comparator) { comparators.append(comparator) }
        }
        return comparators
    }

    /// The longer ones first, so that `>` does not take the beginning of `>=`.
    private static let operators = [">=", "<=", "~>", ">", "<", "=", "~", "^"]

    private mutating func charge(_ word: Word, _ comparators: Int) throws(VersionRangeError) {
        count += comparators
        guard count <= Self.limit.comparators else {
            throw VersionRangeError(
                rule: .tooManyComparators, token: word.text, column: word.column,
                problem: "is one comparator more than the \(Self.limit.comparators) that are read",
                remedy: "join neighbouring versions to one range")
        }
    }
}

extension VersionRangeParser {
    /// Collects words, and refuses commas that join nothing.
    private struct Scanner {
        private(set) var lines: [[Word]] = []
        private var words: [Word] = []
        private var word: Word?
        /// The column of a comma that still waits for the word behind it.
        private var comma: Int?

        mutating func take(_ scalar: Unicode.Scalar, column: Int) throws(VersionRangeError) {
            switch scalar {
            case " ", "\t": endWord()
            case ",":
                endWord()
                guard comma == nil, !words.isEmpty else { throw lonelyComma(column) }
                comma = column
            default:
                if word == nil {
                    word = Word(text: "", column: column, followsComma: comma != nil)
                    comma = nil
                }
                word?.text.unicodeScalars.append(scalar)
            }
        }

        mutating func endLine(column: Int) throws(VersionRangeError) {
            endWord()
            if let comma { throw lonelyComma(comma) }
            lines.append(words)
            words = []
        }

        private mutating func endWord() {
            if let word { words.append(word) }
            word = nil
        }

        private func lonelyComma(_ column: Int) -> VersionRangeError {
            VersionRangeError(
                rule: .missingComparator, token: ",", column: column,
                problem: "does not stand between two comparators",
                remedy: "remove it, or write a comparator on both sides, such as \">=1.0.0, <2.0.0\"")
        }
    }
}
