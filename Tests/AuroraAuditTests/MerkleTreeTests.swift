import AuroraCrypto
import AuroraModel
import Testing

@testable import AuroraAudit

/// Hashes of a log in memory, worked out the slow way.
struct MemoryHashes: TreeHashes {
    let leaves: [Digest]

    func hashes(level: Int, from first: Int64, count: Int) throws -> [Digest] {
        let width = 1 << (8 * level)
        return (Int(first)..<Int(first) + count).map { naiveRoot(Array(leaves[$0 * width..<($0 + 1) * width])) }
    }
}

/// The root exactly as RFC 6962 §2.1 defines it.
func naiveRoot(_ leaves: [Digest]) -> Digest {
    guard leaves.count > 1 else { return leaves.first ?? Digest(hashing: []) }
    var split = 1
    while split * 2 < leaves.count { split *= 2 }
    return Digest(
        hashing: [1] + naiveRoot(Array(leaves[..<split])).bytes + naiveRoot(Array(leaves[split...])).bytes)
}

func numberedLeaves(_ count: Int) -> [Digest] {
    (0..<count).map { MerkleTree.leafHash(Array("entry\($0)".utf8)) }
}

struct MerkleTreeTests {
    struct Answer: Sendable {
        let size: Int
        let beginning: String
    }

    /// Worked out by golang.org/x/mod and by a Python script that share nothing with Aurora.
    static let answers = [
        Answer(size: 0, beginning: "e3b0c442"), Answer(size: 1, beginning: "59655a8f"),
        Answer(size: 2, beginning: "60518c90"), Answer(size: 3, beginning: "b6119ba5"),
        Answer(size: 7, beginning: "578a905e"), Answer(size: 8, beginning: "a404294e"),
    ]

    @Test("The known roots of small logs come out", arguments: answers)
    func knownRoots(_ answer: Answer) {
        var range = CompactRange()
        for leaf in numberedLeaves(answer.size) { _ = range.append(leaf) }
        #expect(range.root.hex.hasPrefix(answer.beginning))
    }

    @Test("The known root of 1,000 entries comes out")
    func thousandEntries() {
        var range = CompactRange()
        for leaf in numberedLeaves(1_000) { _ = range.append(leaf) }
        #expect(Base64.encode(range.root.bytes) == "wlatjl+lzfyJIiyNDNMtI8GupiRHmIyBe4FOH54P2qI=")
    }

    @Test("The compact range gives the root of the definition at every size, and survives storage")
    func everySize() throws {
        let leaves = numberedLeaves(300)
        var range = CompactRange()
        for size in 1...300 {
            _ = range.append(leaves[size - 1])
            range = try #require(CompactRange(size: Int64(size), bytes: range.bytes))
            #expect(range.root == naiveRoot(Array(leaves[..<size])), "size \(size)")
        }
        #expect(CompactRange(size: 3, bytes: range.bytes) == nil)
    }

    @Test("Every inclusion proof of every log up to 70 entries holds, and no changed one does")
    func inclusion() throws {
        let leaves = numberedLeaves(70)
        let hashes = MemoryHashes(leaves: leaves)
        for size in 1...70 {
            let root = naiveRoot(Array(leaves[..<size]))
            for index in 0..<size {
                let (size, index) = (Int64(size), Int64(index))
                let leaf = leaves[Int(index)]
                let proof = try hashes.inclusionProof(of: index, size: size)
                #expect(MerkleTree.isIncluded(leaf: leaf, index: index, size: size, proof: proof, root: root))
                let other = (index + 1) % size
                let isFooled = [
                    size > 1
                        && MerkleTree.isIncluded(leaf: leaf, index: other, size: size, proof: proof, root: root),
                    MerkleTree.isIncluded(leaf: root, index: index, size: size, proof: proof, root: root) && size > 1,
                    MerkleTree.isIncluded(leaf: leaf, index: index, size: size, proof: proof + [leaf], root: root),
                    !proof.isEmpty
                        && MerkleTree.isIncluded(
                            leaf: leaf, index: index, size: size, proof: Array(proof.dropLast()), root: root),
                    MerkleTree.isIncluded(leaf: leaf, index: size, size: size, proof: proof, root: root),
                ]
                #expect(!isFooled.contains(true), "size \(size) index \(index): \(isFooled)")
            }
        }
    }

    @Test("Every consistency proof between logs up to 70 entries holds, and no changed one does")
    func consistency() throws {
        let leaves = numberedLeaves(70)
        let hashes = MemoryHashes(leaves: leaves)
        let roots = (0...70).map { naiveRoot(Array(leaves[..<$0])) }
        for new in 0...70 {
            for old in 0...new {
                let proof = try hashes.consistencyProof(from: Int64(old), to: Int64(new))
                func holds(_ oldRoot: Digest, _ newRoot: Digest, _ proof: [Digest]) -> Bool {
                    MerkleTree.isConsistent(
                        oldSize: Int64(old), oldRoot: oldRoot, newSize: Int64(new), newRoot: newRoot, proof: proof)
                }
                #expect(holds(roots[old], roots[new], proof), "\(old) to \(new)")
                let foreign = Digest(hashing: [9])
                let isFooled = [
                    holds(foreign, roots[new], proof), holds(roots[old], foreign, proof) && old > 0,
                    holds(roots[old], roots[new], proof + [foreign]),
                    !proof.isEmpty && holds(roots[old], roots[new], Array(proof.dropFirst())),
                ]
                #expect(!isFooled.contains(true), "\(old) to \(new): \(isFooled)")
            }
        }
    }

    @Test("Proofs outside the log are refused")
    func outside() throws {
        let hashes = MemoryHashes(leaves: numberedLeaves(5))
        #expect(throws: AuditError.noSuchEntry(number: 5, size: 5)) { try hashes.inclusionProof(of: 5, size: 5) }
        #expect(throws: AuditError.noSuchEntry(number: -1, size: 5)) { try hashes.inclusionProof(of: -1, size: 5) }
        #expect(throws: AuditError.noSuchEntry(number: 6, size: 5)) { try hashes.consistencyProof(from: 6, to: 5) }
    }
}

struct TileLayoutTests {
    @Test(
        "Numbers are written in groups of three digits",
        arguments: zip([0, 7, 999, 1_000, 1_234_067], ["000", "007", "999", "x001/000", "x001/x234/067"] as [String]))
    func names(_ number: Int64, _ name: String) {
        #expect(TileLayout.name(of: number) == name)
    }

    @Test("A log of 70,000 entries has the tiles that the specification counts")
    func tilesOfSize() {
        let tiles = TileLayout.tiles(from: 0, to: 70_000)
        func count(_ level: Int?, full: Bool) -> Int {
            tiles.filter { $0.level == level && ($0.width == 256) == full }.count
        }
        #expect(count(0, full: true) == 273)
        #expect(tiles.contains { $0.path == "tile/0/273.p/112" })
        #expect(count(1, full: true) == 1)
        #expect(tiles.contains { $0.path == "tile/1/001.p/17" })
        #expect(tiles.contains { $0.path == "tile/2/000.p/1" })
        #expect(count(nil, full: true) == 273)
        #expect(tiles.contains { $0.path == "tile/entries/273.p/112" })
        #expect(tiles.count == 274 * 2 + 2 + 1)
    }

    @Test("Only what is new is written: from one size to the next, no tile is forgotten")
    func increments() {
        var written: Set<String> = []
        for (old, new) in [(0, 1), (1, 255), (255, 256), (256, 256), (256, 600), (600, 66_000)] as [(Int64, Int64)] {
            written.formUnion(TileLayout.tiles(from: old, to: new).map(\.path))
            let needed = Set(TileLayout.tiles(from: 0, to: new).map(\.path))
            #expect(needed.isSubset(of: written), "\(old) to \(new)")
        }
        #expect(TileLayout.tiles(from: 256, to: 256).isEmpty)
    }

    @Test("Bundles come back as they were joined; leftovers are told")
    func bundles() {
        let entries: [[UInt8]] = [[], [1], Array(repeating: 7, count: 65_535), [2, 3]]
        let bytes = EntryBundle.encode(entries)
        #expect(EntryBundle.decode(bytes).entries == entries)
        #expect(EntryBundle.decode(bytes).isComplete)
        #expect(!EntryBundle.decode(bytes + [0]).isComplete)
        #expect(EntryBundle.decode(Array(bytes.dropLast())).entries.count == 3)
    }
}
