import AuroraActivation
import AuroraModel
import AuroraSystem

/// Promote and rollback: the switch itself through the real engine, against copying a tree into place.
enum ActivationRows {
    static func run(_ bench: Bench) throws -> [ResultRow] {
        let folder = try bench.makeFolder("promote")
        let large = bench.isQuick ? 256 << 20 : 2 << 30
        let targets = [
            try SwitchedTarget(folder, "small", bytes: 2 << 20), try SwitchedTarget(folder, "large", bytes: large),
        ]
        let copied = try CopiedTree(folder, bytes: bench.isQuick ? 20 << 20 : 200 << 20)
        var promotes = [Samples(.seconds), Samples(.seconds)]
        var rollbacks = promotes
        var copies = Samples(.seconds)
        for _ in 0..<bench.rounds {
            for (index, target) in targets.enumerated() {
                let number = try target.prepare()
                try bench.settle()
                promotes[index].add(try seconds { try target.promote(number) })
                rollbacks[index].add(try seconds { try target.rollBack() })
                try target.forget()
            }
            try bench.settle()
            copies.add(try copied.replace())
        }
        let names = bench.isQuick ? ("2 MiB", "256 MiB sparse") : ("2 MiB", "2 GiB sparse")
        return rows("promote", promotes, copies, names, copied) + rows("rollback", rollbacks, copies, names, copied)
    }

    private static func rows(
        _ action: String, _ ours: [Samples], _ copies: Samples, _ names: (String, String), _ copied: CopiedTree
    ) -> [ResultRow] {
        let (small, large) = (ours[0].median, ours[1].median)
        let peer = "cp -a, sync, mv of \(copied.bytes >> 20) MiB: \(copies.text)"
        return [
            ResultRow(
                "\(action), 20 files, \(names.0)", ours: ours[0].text, peer: peer,
                ratio: "\(times(copies.median, small)) cheaper", bar: "≤ 5 ms", isMet: small <= 0.005),
            ResultRow(
                "\(action), 20 files, \(names.1)", ours: ours[1].text, peer: peer,
                ratio: "\(times(copies.median, large)) cheaper", bar: "≥ 1,000× cheaper than copying 200 MiB",
                isMet: copied.bytes < 200 << 20 ? nil : copies.median >= 1000 * large),
            ResultRow(
                "\(action), \(names.1) against 2 MiB", ours: ours[1].text, peer: "2 MiB: \(ours[0].text)",
                ratio: times(large, small), bar: "same cost (≤ 1.5×, for noise)", isMet: large <= 1.5 * small),
        ]
    }
}

/// A target with two trees of one size in its store, switched from one to the other and back.
private final class SwitchedTarget {
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

/// What people do without Aurora: copy the new tree beside the old one, make it durable, move it into place.
private struct CopiedTree {
    let bytes: Int
    private let source: String
    private let target: String

    init(_ folder: String, bytes: Int) throws {
        self.bytes = bytes
        source = "\(folder)/copy-source"
        target = "\(folder)/copy-target"
        try BenchTree.write(source, files: 20, bytes: bytes, .noise, version: 1)
        try DurableFile.makeDirectory(target)
    }

    /// - Returns: the seconds it took, without the removal of the old tree.
    func replace() throws -> Double {
        let took = try seconds {
            try Tool.shell(
                #"cp -a "$1" "$2.new"; sync -f "$2.new"; mv -T "$2" "$2.old"; mv -T "$2.new" "$2"; sync -f "$2""#,
                [source, target])
        }
        try FileTree.remove("\(target).old")
        return took
    }
}
