import AuroraYAML
import Testing

@Suite("Reading YAML")
struct YAMLParserTests {
    @Test func `keeps order, quotes and places`() throws {
        let root = try YAMLParser.parse("b: no\na:\n  - 'x'\n  - {k: \"1\"}\n")
        let entries = try #require(root.mapping)
        #expect(entries.map(\.key) == ["b", "a"])
        #expect(entries[0].value.value == .scalar("no", isPlain: true))
        #expect(entries[1].position == YAMLPosition(line: 2, column: 1))
        let list = try #require(root["a"]?.sequence)
        #expect(list[0].value == .scalar("x", isPlain: false))
        #expect(list[1]["k"]?.scalar == "1")
        #expect(list[1].position == YAMLPosition(line: 4, column: 5))
    }

    @Test func `knows the spellings of nothing only without quotes`() throws {
        #expect(try YAMLParser.parse("a: ~\nb: ''\nc:\n")["a"]?.isNull == true)
        #expect(try YAMLParser.parse("b: ''")["b"]?.isNull == false)
        #expect(try YAMLParser.parse("c:")["c"]?.isNull == true)
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        let text: String
        let rule: YAMLError.Rule
        let line: Int
        var testDescription: String { "\(rule.rawValue): \(text.prefix(40))" }
    }

    static let refused: [Refused] = [
        Refused(text: "a: &x 1\nb: *x\n", rule: .aliasOrTag, line: 1),
        Refused(text: "b: *x\n", rule: .aliasOrTag, line: 1),
        Refused(text: "a: !!python/object 1\n", rule: .aliasOrTag, line: 1),
        Refused(text: "a: 1\nb: 2\na: 3\n", rule: .duplicateKey, line: 3),
        Refused(text: "? [x]\n: 1\n", rule: .complexKey, line: 1),
        Refused(text: "", rule: .empty, line: 1),
        Refused(text: "# only words\n", rule: .empty, line: 2),
        Refused(text: "a: 1\n---\nb: 2\n", rule: .severalDocuments, line: 2),
        Refused(text: "a: [1, 2\n", rule: .syntax, line: 2),
        Refused(text: "a: \"x\n", rule: .syntax, line: 2),
        Refused(text: "\ta: 1\n", rule: .syntax, line: 1),
        Refused(text: "a: b: c\n", rule: .syntax, line: 1),
    ]

    @Test(arguments: refused)
    func `refuses with the rule and the line`(_ refused: Refused) throws {
        let error = try #require(throws: YAMLError.self) { try YAMLParser.parse(refused.text) }
        #expect(error.rule == refused.rule)
        #expect(error.position.line == refused.line)
    }

    @Test func `refuses bytes that are not UTF-8`() throws {
        let error = try #require(throws: YAMLError.self) { try YAMLParser.parse([0x61, 0x3A, 0x20, 0xFF, 0xFE]) }
        #expect(error.rule == .syntax)
    }

    @Test func `stops at the limits and not after them`() throws {
        let deep = String(repeating: "[", count: 100_000)
        let tooDeep = try #require(throws: YAMLError.self) { try YAMLParser.parse(deep) }
        #expect(tooDeep.rule == .tooDeep)
        let wide = "[" + String(repeating: "x,", count: 200) + "x]"
        let tooMany = try #require(throws: YAMLError.self) {
            try YAMLParser.parse(wide, limits: .init(nodeCount: 100))
        }
        #expect(tooMany.rule == .tooManyNodes)
        let tooLarge = try #require(throws: YAMLError.self) {
            try YAMLParser.parse("a: 123456", limits: .init(byteCount: 8))
        }
        #expect(tooLarge.rule == .tooLarge)
    }

    @Test func `a long string is one value`() throws {
        let long = String(repeating: "a", count: 1 << 19)
        #expect(try YAMLParser.parse("k: \(long)")["k"]?.scalar == long)
    }

    @Test func `a billion laughs end at the first anchor`() throws {
        var text = "a0: &a0 [lol,lol]\n"
        for level in 1...9 { text += "a\(level): &a\(level) [*a\(level - 1),*a\(level - 1)]\n" }
        let error = try #require(throws: YAMLError.self) { try YAMLParser.parse(text) }
        #expect(error.rule == .aliasOrTag)
        #expect(error.position.line == 1)
    }
}
