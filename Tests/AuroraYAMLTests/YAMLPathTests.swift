import AuroraYAML
import Testing

struct YAMLPathTests {
    @Test func `a path finds the node or the deepest one on the way`() throws {
        let root = try YAMLParser.parse("targets:\n  - name: a\n    keep: x\n")
        #expect(root.deepest(at: "targets[0].keep").position.line == 3)
        #expect(root.deepest(at: "targets[0].missing").position.line == 2)
        #expect(root.deepest(at: "targets[7].keep").position.line == 2)
        #expect(root.deepest(at: "").position.line == 1)
    }

    @Test func `keys that merely look alike stay two keys`() throws {
        let root = try YAMLParser.parse("\u{E9}: 1\ne\u{301}: 2\n")
        #expect(root.mapping?.count == 2)
        #expect(root["e\u{301}"]?.scalar == "2")
        #expect(root["\u{E9}"]?.scalar == "1")
    }
}
