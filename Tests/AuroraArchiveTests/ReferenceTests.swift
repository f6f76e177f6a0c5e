import AuroraArchive
import Foundation
import Testing

@Suite("The reference of archive rules")
struct ReferenceTests {
    @Test("docs/reference/archive-rules.md names every rule, and no other")
    func everyRule() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let page = try String(contentsOf: root.appending(path: "docs/reference/archive-rules.md"), encoding: .utf8)
        let named = page.split(separator: "\n").compactMap { line -> String? in
            guard line.hasPrefix("| `") else { return nil }
            return line.split(separator: "`").dropFirst().first.map(String.init)
        }
        #expect(named.sorted() == ArchiveRule.allCases.map(\.rawValue).sorted())
    }
}
