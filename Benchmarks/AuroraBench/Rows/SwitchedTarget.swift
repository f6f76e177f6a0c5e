import AuroraActivation
import AuroraModel
import AuroraSystem

/// A target with two trees of one size in its store, switched from one to the other and back.
final class SwitchedTarget {
    private let engine: ActivationEngine
    private let next: Digest

    init(_ folder: String, _ name: String, bytes: Int) throws {
        let path = "\(folder)/\(name)"
        try DurableFile.makeDirectory(path)
        let engine = try ActivationEngine(target: "\(path)/app", kind: .link)
        self.engine = engine
        _ = try engine.recover()
        try engine.adoptExisting()
        let digests = try (1...2).map { version in
            let staged = try engine.stagingDirectory()
            try BenchTree.write("\(staged)/app", files: 20, bytes: bytes, .sparse, version: version)
            return try engine.publish(staged: staged).digest
        }
        next = digests[1]
        let first = try engine.prepare(treeDigest: digests[0], planDigest: nil, label: "first")
        try Self.require(try engine.activate(first.number, apply: {}, health: { .healthy }))
    }

    /// Builds a generation; reads every byte of both trees, which is why it is not part of the switch.
    func prepare() throws -> Int { try engine.prepare(treeDigest: next, planDigest: nil, label: "next").number }

    func promote(_ number: Int) throws {
        try Self.require(try engine.activate(number, apply: {}, health: { .healthy }))
    }

    func rollBack() throws { try Self.require(try engine.rollback(apply: {}, health: { .healthy })) }

    /// Lets the tree that was taken back be promoted again.
    func forget() throws { try engine.clearBlock(next) }

    private static func require(_ outcome: ActivationOutcome) throws {
        guard outcome.result == .committed else { throw BenchError("\(outcome.action) ended as \(outcome.result)") }
    }
}
