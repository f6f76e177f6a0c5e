import AuroraArchive
import Testing

@Suite("Names in archives")
struct NameTests {
    struct Target: Sendable, CustomTestStringConvertible {
        let target: String
        let depth: Int
        let rule: ArchiveRule?
        var testDescription: String { "\(target) from depth \(depth)" }
    }

    @Test(
        "a symbolic link may climb as far as the tree's own directory and no further",
        arguments: [
            Target(target: "a", depth: 0, rule: nil),
            Target(target: ".", depth: 0, rule: nil),
            Target(target: "./a/./b", depth: 0, rule: nil),
            Target(target: "..", depth: 0, rule: .linkLeavesTree),
            Target(target: "..", depth: 1, rule: nil),
            Target(target: "../..", depth: 1, rule: .linkLeavesTree),
            Target(target: "./.././../a", depth: 2, rule: nil),
            Target(target: "../a/..", depth: 2, rule: .linkClimbsAfterName),
            Target(target: "//a", depth: 2, rule: .linkLeavesTree),
            Target(target: "\\\\host", depth: 2, rule: .linkLeavesTree),
        ])
    func links(_ link: Target) {
        var rule: ArchiveRule?
        do throws(ArchiveRefusal) {
            try NameRules.checkSymlink(Array(link.target.utf8), from: link.depth, of: Array("l".utf8))
        } catch {
            rule = error.rule
        }
        #expect(rule == link.rule)
    }

    @Test("components lose what means nothing")
    func components() throws {
        let limits = ArchiveLimits()
        #expect(try NameRules.components(of: Array("./a//b/./c/".utf8), limits: limits) == ["a", "b", "c"])
        #expect(try NameRules.components(of: Array("./".utf8), limits: limits) == [])
        #expect(try NameRules.components(of: Array("...".utf8), limits: limits) == ["..."])
    }

    @Test(
        "folding joins what a person or another file system takes for the same",
        arguments: [
            ("README", "readme"), ("stra\u{df}e", "STRASSE"), ("\u{1e9e}", "ss"), ("\u{212a}", "k"),
            ("\u{c5}", "a\u{30a}"),
            ("\u{3a3}", "\u{3c2}"), ("a\u{200c}b", "ab"), ("\u{fb01}", "FI"), ("\u{130}", "i\u{307}"),
        ])
    func folding(_ pair: (String, String)) {
        #expect(NameFolding.fold(pair.0) == NameFolding.fold(pair.1))
    }

    @Test("folding keeps apart what differs", arguments: [("a", "b"), ("a", "\u{e1}"), ("x1", "x2"), ("o", "0")])
    func apart(_ pair: (String, String)) {
        #expect(NameFolding.fold(pair.0) != NameFolding.fold(pair.1))
    }

    @Test("a label is printable, bounded and cannot forge a line")
    func labels() {
        #expect(EntryLabel.text(Array("a\nb\u{1b}[2J".utf8)) == "a\\x0ab\\x1b[2J")
        #expect(EntryLabel.text([0x61, 0xff]) == "a\\xff")
        #expect(EntryLabel.text(Array("\\x0a".utf8)) == "\\x5cx0a")
        #expect(EntryLabel.text(Array("caf\u{e9}".utf8)) == "caf\u{e9}")
        let long = EntryLabel.text([UInt8](repeating: 0x61, count: 5000))
        #expect(long.utf8.count <= EntryLabel.limit + 3)
    }
}
