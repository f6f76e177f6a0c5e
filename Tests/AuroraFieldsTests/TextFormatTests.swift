import AuroraFields
import AuroraYAML
import Testing

@Suite("Texts of fields")
struct TextFormatTests {
    /// Every node with its place, its span's text and what it says.
    private func places(_ node: YAMLNode, in text: String) -> [String] {
        let scalars = Array(text.unicodeScalars)
        switch node.value {
        case .scalar(let value, let isPlain):
            var spelled = ""
            spelled.unicodeScalars.append(contentsOf: scalars[node.span])
            return ["\(node.position) \(isPlain ? "plain" : "quoted") \(value) = \(spelled)"]
        case .sequence(let nodes): return ["\(node.position) list"] + nodes.flatMap { places($0, in: text) }
        case .mapping(let entries):
            return ["\(node.position) mapping"]
                + entries.flatMap { ["\($0.position) key \($0.key)"] + places($0.value, in: text) }
        }
    }

    @Test("JSON has the places that YAML has, to the code point")
    func places() throws {
        let text = "{\"a\": [1, true,\r\n \"ä\\u00e9\"],\n  \"🚀\": \"x\", \"b\": {}, \"c\":\n null}"
        let expected = [
            "1:1 mapping", "1:2 key a", "1:7 list", "1:8 plain 1 = 1", "1:11 plain true = true",
            "2:2 quoted äé = \"ä\\u00e9\"", "3:3 key 🚀", "3:8 quoted x = \"x\"", "3:13 key b", "3:18 mapping",
            "3:22 key c",
            "4:2 plain null = null",
        ]
        for format in [TextFormat.json, .yaml] {
            let node = try format.parse(Array(text.utf8), file: "f")
            #expect(places(node, in: text) == expected, "\(format)")
        }
    }

    @Test("a mistake in JSON is shown at its line and column")
    func mistakes() {
        struct Case {
            let text: String
            let problem: String
        }
        for test in [
            Case(text: "{\n \"ä\": 1,\n}", problem: "3:1: '}' stands where a member name should be"),
            Case(text: "{\"a\": 1, \"a\": 2}", problem: "1:10: the member \"a\" appears twice"),
            Case(text: "{\"ä\": 1.5}", problem: "1:10: a number with fraction or exponent"),
            Case(text: "", problem: "1:1: the text ends where a value should be"),
            Case(text: "[\n\n", problem: "3:1: the text ends where a value should be"),
            Case(
                text: "{\"\\u001b[31m\": 1, \"\\u001b[31m\": 1}",
                problem: "1:19: the member \"\\u{1b}[31m\" appears twice"),
        ] {
            let error = #expect(throws: DocumentError.self) {
                try TextFormat.json.parse(Array(test.text.utf8), file: "m.json")
            }
            #expect(error?.description == "m.json:\(test.problem); next: correct the JSON at this place")
        }
    }

    @Test(
        "plain words that some YAML reader takes for something else are known",
        arguments: [
            ("yes", YAMLNode.PlainKind.truth), ("No", .truth), ("ON", .truth), ("y", .truth), ("false", .truth),
            ("1", .number), ("1.0", .number), ("-0x1F", .number), ("1_000", .number), ("1e5", .number),
            ("1.5E-3", .number),
            (".5", .number), ("-.inf", .number), (".NaN", .number), ("1:30", .number), ("0o17", .number),
            ("0b1", .number),
            ("~", .nothing), ("null", .nothing), ("", .nothing),
        ])
    func plain(_ text: String, _ kind: YAMLNode.PlainKind) {
        let position = YAMLPosition(line: 1, column: 1)
        #expect(YAMLNode(.scalar(text, isPlain: true), at: position).plainKind == kind)
        #expect(YAMLNode(.scalar(text, isPlain: false), at: position).plainKind == nil)
    }

    @Test(
        "plain words that are text to every YAML reader stay text",
        arguments: ["1.0.0", "1.2.3-beta", "a1", "0x", "1e", "e5", ">=1.0", "^1", "nope", "yess", "-", "+", ".", "0xg"])
    func text(_ text: String) {
        #expect(YAMLNode(.scalar(text, isPlain: true), at: YAMLPosition(line: 1, column: 1)).plainKind == nil)
    }
}
