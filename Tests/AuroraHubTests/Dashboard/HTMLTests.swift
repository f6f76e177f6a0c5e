import AuroraModel
import Testing

@testable import AuroraHub

@Suite("Markup of the dashboard")
struct HTMLTests {
    static let naughty = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='x", "</title><script>",
        "&lt;b&gt;",
        "\u{202E}gnp.exe", "a\u{0}b\u{1B}[31m", "<!--", "]]>",
    ]

    @Test("S-14: text from outside never becomes an element or ends an attribute", arguments: naughty)
    func escapes(_ text: String) {
        let page: HTML = #"<p title="\#(text)">\#(text)</p>"#
        let inside = page.markup.dropFirst(#"<p title=""#.count).dropLast("</p>".count)
        #expect(!inside.contains("<") && inside.count(where: { $0 == ">" }) == 1)
        #expect(!inside.contains("'"))
        #expect(inside.count(where: { $0 == "\"" }) == 1)
        #expect(!inside.unicodeScalars.contains { $0.value < 0x20 || (0x202A...0x202E).contains($0.value) })
    }

    @Test func `markup inside markup is taken as it is, once`() {
        let inner: HTML = "<b>\("a & b")</b>"
        let outer: HTML = "<p>\(inner)\([inner, inner])</p>"
        #expect(outer.markup == "<p><b>a &amp; b</b><b>a &amp; b</b><b>a &amp; b</b></p>")
    }

    @Test(arguments: [
        (0, "0 bytes"), (1023, "1023 bytes"), (1024, "1 KiB"), (1536, "1.5 KiB"), (209_715_200, "200 MiB"),
        (8_589_934_592, "8 GiB"),
    ])
    func `sizes are read in units`(_ bytes: Int64, _ text: String) {
        #expect(Parts.readable(bytes) == text)
    }

    @Test func `a page shows only what this person may do`() {
        let viewer = Viewer(name: "vera", role: .viewer, rights: [.read], csrf: "x", isDev: false)
        let target = TargetPage(
            viewer: viewer, target: ["name": "gateway", "generations": []], releases: [["sha256": "ab"]])
        let markup = target.content.map(\.markup).joined()
        #expect(!markup.contains("<form") && !markup.contains("<button"))
        let suggestion = SuggestionPage(
            viewer: viewer, suggestion: ["id": "sg-1", "state": "waiting", "mayVote": false], plan: [:], diff: [:],
            votes: [])
        #expect(!suggestion.content.map(\.markup).joined().contains("<form"))
    }
}
