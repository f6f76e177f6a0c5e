import AuroraActivation
import AuroraModel
import AuroraPacks
import AuroraSystem

/// A device with two sets of packs of one size in its store, switched from one to the other and back.
final class SwitchedSet {
    private let engine: ActivationEngine
    private let next: (set: Digest, parts: [Generation.Member])

    init(_ root: String, packs: Int, bytes: Int) throws {
        try DurableFile.makeDirectory(root)
        let engine = try ActivationEngine(device: root)
        self.engine = engine
        _ = try engine.recover()
        try engine.adoptExisting()
        let sets = try (1...2).map { version -> (set: Digest, parts: [Generation.Member]) in
            let members = try (1...packs).map { number in
                try Self.member(number, version, bytes: bytes / packs, engine)
            }
            let set = try SetTrees(engine: engine).publish(PackSet(members))
            return (set, members.map { Generation.Member(name: $0.id.text, treeDigest: $0.tree) })
        }
        next = sets[1]
        let first = try engine.prepare(
            treeDigest: sets[0].set, parts: sets[0].parts, planDigest: nil, label: "first")
        try Self.require(try engine.activate(first.number, beside: Self.beside, apply: {}, health: { .healthy }))
    }

    private static func member(
        _ number: Int, _ version: Int, bytes: Int, _ engine: ActivationEngine
    ) throws -> PackSet.Member {
        let staged = try engine.stagingDirectory()
        try BenchTree.write("\(staged)/app", files: 5, bytes: bytes, .sparse, version: version * 1000 + number)
        guard let id = PackID("pack\(number)"), let release = SemanticVersion("\(version).0.0") else {
            throw BenchError("bad names")
        }
        return PackSet.Member(
            id: id, version: release, tree: try engine.publish(staged: staged).digest, schema: 1, requires: [],
            grants: PackManifest.Permissions())
    }

    /// Stopping, starting and data are not part of the row; that something is done beside the switch is.
    private static var beside: SideWork { SideWork(prepare: {}, undo: {}) }

    /// Builds a generation; reads every byte, which is why it is not part of the switch.
    func prepare() throws -> Int {
        try engine.prepare(treeDigest: next.set, parts: next.parts, planDigest: nil, label: "next").number
    }

    func activate(_ number: Int) throws {
        try Self.require(try engine.activate(number, beside: Self.beside, apply: {}, health: { .healthy }))
    }

    func rollBack() throws {
        try Self.require(try engine.rollback(beside: Self.beside, apply: {}, health: { .healthy }))
    }

    /// Lets what was taken back be activated again.
    func forget() throws { for block in engine.blocked() { try engine.clearBlock(block.tree) } }

    private static func require(_ outcome: ActivationOutcome) throws {
        guard outcome.result == .committed else { throw BenchError("\(outcome.action) ended as \(outcome.result)") }
    }
}
