import AuroraModel
import Testing

@Suite("Texts that are no version range")
struct VersionRangeErrorTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let range: String
        let rule: VersionRangeError.Rule
        let message: String
        var testDescription: String { "\"\(range.prefix(40))\"" }

        init(_ range: String, _ rule: VersionRangeError.Rule, _ message: String) {
            self.range = range
            self.rule = rule
            self.message = message
        }
    }

    private static let plain = "write a version such as 1.2.3, 1.2.x or *, with one of = < <= > >= ~ ^ before it"
    private static let wildcard = "has a number behind a wildcard; next: leave out what follows the first x"
    private static let zero = "has a number with a leading zero; next: write the number without it"
    private static let glued = "is not a version; next: put a blank or a comma before the next comparator"
    private static let comma =
        "does not stand between two comparators; next: remove it, or write a comparator on both sides, "
        + "such as \">=1.0.0, <2.0.0\""
    private static let hyphen =
        "does not stand between exactly two versions; next: write \"1.0.0 - 2.0.0\" alone between ||, "
        + "or the bounds as \">=1.0.0 <=2.0.0\""

    static let rows: [Row] = [
        Row("1.x.5", .numberAfterWildcard, "column 1: \"1.x.5\" \(wildcard)"),
        Row("1.*.5", .numberAfterWildcard, "column 1: \"1.*.5\" \(wildcard)"),
        Row("2.x || 1.x.5", .numberAfterWildcard, "column 8: \"1.x.5\" \(wildcard)"),
        Row("x.1", .numberAfterWildcard, "column 1: \"x.1\" \(wildcard)"),
        Row("x.x.1", .numberAfterWildcard, "column 1: \"x.x.1\" \(wildcard)"),
        Row(">01.02.03", .leadingZero, "column 2: \"01.02.03\" \(zero)"),
        Row(">=09090", .leadingZero, "column 3: \"09090\" \(zero)"),
        Row("1.2.3-01", .leadingZero, "column 1: \"1.2.3-01\" \(zero)"),
        Row(
            "~1.2.3beta", .unknownToken,
            "column 2: \"1.2.3beta\" is not a version; next: a prerelease begins with -, such as 1.2.3-beta"),
        Row("latest", .unknownToken, "column 1: \"latest\" is not a version; next: \(plain)"),
        Row(">=2 glorp", .unknownToken, "column 5: \"glorp\" is not a version; next: \(plain)"),
        Row("1.2.", .unknownToken, "column 1: \"1.2.\" is not a version; next: \(plain)"),
        Row(
            "1.2.3-é", .emptyIdentifier,
            "column 1: \"1.2.3-é\" has an empty part behind - or +; next: write letters, digits and - between the dots"),
        Row("１.2.3", .unknownToken, "column 1: \"１.2.3\" is not a version; next: \(plain)"),
        Row("1.2.3\n", .unknownToken, "column 1: \"1.2.3\\u{a}\" is not a version; next: \(plain)"),
        Row("1.2.3\0", .unknownToken, "column 1: \"1.2.3\\u{0}\" is not a version; next: \(plain)"),
        Row("== 1.0.0", .unknownToken, "column 2: \"=\" is not a version; next: write one = or none"),
        Row("==1.0.0", .unknownToken, "column 2: \"=1.0.0\" is not a version; next: write one = or none"),
        Row(
            "!=1.0.0", .unknownToken,
            "column 1: \"!=1.0.0\" is not a version; next: there is no \"not\"; write \"<1.2.3 || >1.2.3\""),
        Row(">=1 && <2", .unknownToken, "column 5: \"&&\" is not a version; next: a blank or a comma means \"and\""),
        Row("1 | 2", .unknownToken, "column 3: \"|\" is not a version; next: write || between alternatives"),
        Row("1 ||| 2", .unknownToken, "column 5: \"|\" is not a version; next: write || between alternatives"),
        Row(">=1.0.0<2.0.0", .unknownToken, "column 3: \"1.0.0<2.0.0\" \(glued)"),
        Row("^~1", .unknownToken, "column 2: \"~1\" \(glued)"),
        Row("1.2.3 -2.0.0", .unknownToken, "column 7: \"-2.0.0\" is not a version; next: \(plain)"),
        Row(
            "1.2-beta", .partialPrerelease,
            "column 1: \"1.2-beta\" has a prerelease behind less than three numbers; next: write all three, "
                + "such as 1.2.0-beta"),
        Row(
            "1.2.3.4", .tooManyNumbers,
            "column 1: \"1.2.3.4\" has more than three numbers; next: write MAJOR.MINOR.PATCH"),
        Row(
            "1.2.3-a..b", .emptyIdentifier,
            "column 1: \"1.2.3-a..b\" has an empty part behind - or +; next: write letters, digits and - between the dots"
        ),
        Row(">=", .missingVersion, "column 1: \">=\" has no version behind it; next: write for example >=1.2.3"),
        Row("1 || ~", .missingVersion, "column 6: \"~\" has no version behind it; next: write for example ~1.2.3"),
        Row("> >=1", .missingVersion, "column 1: \">\" has no version behind it; next: write for example >1.2.3"),
        Row(">, 1", .missingVersion, "column 1: \">\" has no version behind it; next: write for example >1.2.3"),
        Row(",", .missingComparator, "column 1: \",\" \(comma)"),
        Row("1,,2", .missingComparator, "column 3: \",\" \(comma)"),
        Row(">=1, || <2", .missingComparator, "column 4: \",\" \(comma)"),
        Row(">=1 ,", .missingComparator, "column 5: \",\" \(comma)"),
        Row("1.0.0 - 2.0.0 >=1", .badHyphenRange, "column 7: \"-\" \(hyphen)"),
        Row("1.0.0 -", .badHyphenRange, "column 7: \"-\" \(hyphen)"),
        Row("- 1.0.0", .badHyphenRange, "column 1: \"-\" \(hyphen)"),
        Row("1 - - 2", .badHyphenRange, "column 3: \"-\" \(hyphen)"),
        Row("1, - 2", .badHyphenRange, "column 4: \"-\" \(hyphen)"),
        Row("1 - 2 - 3", .badHyphenRange, "column 3: \"-\" \(hyphen)"),
        Row(">1 - 2", .unknownToken, "column 1: \">1\" \(glued)"),
        Row(
            "1.2.3+" + String(repeating: "a", count: 251), .tooLong,
            "column 1: \"1.2.3+\(String(repeating: "a", count: 54))…\" has 257 characters, and at most 256 are read; "
                + "next: shorten it; build metadata behind + does not count in a range"),
        Row(
            String(repeating: " ", count: 1025), .tooLong,
            "column 1: the range has 1025 bytes, and at most 1024 are read; next: write a shorter range"),
        Row(
            String(repeating: "1 ", count: 65), .tooManyComparators,
            "column 129: \"1\" is one comparator more than the 64 that are read; next: join neighbouring versions to one range"
        ),
    ]

    @Test("are refused with the token, its column and the remedy", arguments: rows)
    func refused(_ row: Row) throws {
        let error = #expect(throws: VersionRangeError.self) { try VersionRange(row.range) }
        #expect(error?.rule == row.rule)
        #expect(error?.description == "version range, \(row.message)")
    }

    @Test("a version of 256 characters and 64 comparators are read")
    func limits() throws {
        let digits = String(repeating: "9", count: 252)
        let range = try VersionRange("^1.0." + digits)
        #expect(range.contains(try #require(SemanticVersion("1.1.0"))))
        #expect(try VersionRange("~" + digits + ".0").meaning.hasSuffix("<\(digits).1.0-0"))
        #expect(try VersionRange(">" + digits).meaning == ">=1\(String(repeating: "0", count: 252)).0.0")
        #expect(try VersionRange(String(repeating: "1||", count: 63) + "1").alternatives.count == 64)
    }
}
