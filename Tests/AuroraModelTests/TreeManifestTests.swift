import AuroraModel
import Testing

@Suite("Trees")
struct TreeManifestTests {
    private static let content = Digest(hashing: Array("x".utf8))

    private let tree = TreeManifest(entries: [
        .file("bin/run", size: 1, sha256: content, isExecutable: true), .directory("bin"),
        .symlink("current", to: "bin/run"), .file("a b", size: 1, sha256: content), .directory("bin-2"),
    ])

    @Test("entries are sorted by bytes, and the canonical bytes are those of the format's example")
    func canonical() throws {
        #expect(tree.entries.map(\.path) == ["a b", "bin", "bin-2", "bin/run", "current"])
        let hex = Self.content.hex
        let text = "aurora-tree-v1\0f 1 \(hex) a b\0d bin\0d bin-2\0x 1 \(hex) bin/run\0l current\0bin/run\0"
        #expect(tree.canonicalBytes == Array(text.utf8))
        #expect(try TreeManifest(canonicalBytes: tree.canonicalBytes) == tree)
        #expect(tree.byteCount == 2)
        #expect(TreeManifest(entries: []).digest == Digest(hashing: Array("aurora-tree-v1\0".utf8)))
        #expect(try TreeManifest(canonicalBytes: TreeManifest(entries: []).canonicalBytes).entries.isEmpty)
    }

    @Test("the digest follows content, names, kinds, execute bits and link targets, and nothing else")
    func digests() {
        let base = TreeManifest(entries: [.file("f", size: 1, sha256: Self.content)])
        let other = Digest(hashing: [])
        let variants = [
            TreeManifest(entries: [.file("f", size: 1, sha256: other)]),
            TreeManifest(entries: [.file("f", size: 2, sha256: Self.content)]),
            TreeManifest(entries: [.file("g", size: 1, sha256: Self.content)]),
            TreeManifest(entries: [.file("f", size: 1, sha256: Self.content, isExecutable: true)]),
            TreeManifest(entries: [.directory("f")]), TreeManifest(entries: [.symlink("f", to: "x")]),
            TreeManifest(entries: [.symlink("f", to: "y")]), TreeManifest(entries: []),
            TreeManifest(entries: base.entries + [.directory("d")]),
        ]
        #expect(Set(variants.map(\.digest) + [base.digest]).count == variants.count + 1)
    }

    @Test(
        "bytes that are not exactly a manifest are refused",
        arguments: [
            "", "aurora-tree-v1", "aurora-tree-v2\0", "aurora-tree-v1\0d b\0d a\0", "aurora-tree-v1\0d a\0d a\0",
            "aurora-tree-v1\0q a\0", "aurora-tree-v1\0d ..\0", "aurora-tree-v1\0d a/../b\0", "aurora-tree-v1\0d /a\0",
            "aurora-tree-v1\0d a/\0", "aurora-tree-v1\0d .\0", "aurora-tree-v1\0d \0", "aurora-tree-v1\0\0",
            "aurora-tree-v1\0f 1 abc a\0", "aurora-tree-v1\0f -1 \(String(repeating: "0", count: 64)) a\0",
            "aurora-tree-v1\0f 01 \(String(repeating: "0", count: 64)) a\0",
            "aurora-tree-v1\0f 1 \(String(repeating: "A", count: 64)) a\0", "aurora-tree-v1\0l a\0",
        ])
    func refused(_ text: String) {
        #expect(throws: TreeManifestError.self) { try TreeManifest(canonicalBytes: Array(text.utf8)) }
    }

    @Test("a manifest that is not UTF-8 is refused")
    func notUTF8() {
        #expect(throws: TreeManifestError.self) {
            try TreeManifest(canonicalBytes: Array("aurora-tree-v1\0d ".utf8) + [0xFF, 0])
        }
    }

    @Test("a difference names what comes, goes and changes, with bytes, and its listing is exact")
    func diff() {
        let old = TreeManifest(entries: [
            .file("same", size: 5, sha256: Self.content), .file("gone", size: 3, sha256: Self.content),
            .file("changed", size: 2, sha256: Self.content), .directory("kind"),
        ])
        let new = TreeManifest(entries: [
            .file("same", size: 5, sha256: Self.content), .file("added", size: 7, sha256: Self.content),
            .file("changed", size: 4, sha256: Digest(hashing: [])), .symlink("kind", to: "same"),
        ])
        let diff = TreeDiff(from: old, to: new)
        #expect(diff.added.map(\.path) == ["added"])
        #expect(diff.removed.map(\.path) == ["gone"])
        #expect(diff.changed.map(\.from.path) == ["changed", "kind"])
        #expect(diff.bytesAdded == 11)
        #expect(diff.bytesRemoved == 5)
        let listing = String(decoding: diff.listingBytes, as: UTF8.self)
        #expect(listing.hasPrefix("aurora-diff-v1\0+f 7 \(Self.content.hex) added\0-f 3 "))
        #expect(listing.hasSuffix("<d kind\0>l kind\0same\0"))
        #expect(diff.json["changed"]?.array?.count == 2)
        #expect(TreeDiff(from: old, to: old).isEmpty)
        let back = TreeDiff(from: new, to: old)
        #expect(back.added.map(\.path) == ["gone"])
        #expect(PlanFiles(diff).listing != PlanFiles(back).listing)
    }

    @Test("random trees differ by exactly what a slow comparison finds")
    func randomDiffs() {
        var state: UInt64 = 42
        func random(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(limit))
        }
        for _ in 0..<200 {
            func make() -> TreeManifest {
                TreeManifest(
                    entries: (0..<random(12)).map { _ in
                        .file("f\(random(10))", size: Int64(random(3)), sha256: Self.content)
                    })
            }
            let (old, new) = (make(), make())
            let diff = TreeDiff(from: old, to: new)
            let before = Dictionary(uniqueKeysWithValues: old.entries.map { ($0.path, $0) })
            let after = Dictionary(uniqueKeysWithValues: new.entries.map { ($0.path, $0) })
            #expect(Set(diff.added) == Set(after.filter { before[$0.key] == nil }.values))
            #expect(Set(diff.removed) == Set(before.filter { after[$0.key] == nil }.values))
            #expect(
                Set(diff.changed.map(\.to))
                    == Set(after.filter { before[$0.key] != nil && before[$0.key] != $0.value }.values)
            )
        }
    }
}
