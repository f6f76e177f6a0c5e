import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Testing

@testable import AuroraActivation

/// One device in a folder of its own: the state folder is the root and `current` is what is switched.
struct TestDevice {
    let root: String

    func open(keep: Int = 5) throws -> ActivationEngine {
        let engine = try ActivationEngine(device: root, keep: keep, clock: .fixed(1_000))
        _ = try engine.recover()
        try engine.adoptExisting()
        return engine
    }

    func publish(_ tree: Tree, _ engine: ActivationEngine) throws -> Digest {
        let staged = try engine.stagingDirectory()
        try TestTarget(folder: root, kind: .link).write(tree, to: staged)
        return try engine.publish(staged: staged).digest
    }

    /// A set of packs by name, as a tree of links into the store.
    func prepare(_ packs: Tree, _ engine: ActivationEngine) throws -> Generation {
        let parts = try packs.sorted { $0.key < $1.key }.map { name, text in
            Generation.Member(name: name, treeDigest: try publish(["v": text], engine))
        }
        let staged = try engine.stagingDirectory()
        try DurableFile.makeDirectory("\(staged)/packs")
        for part in parts {
            try DurableFile.symlink("../../\(part.treeDigest.hex)", at: "\(staged)/packs/\(part.name)")
        }
        let set = try engine.publish(staged: staged).digest
        return try engine.prepare(treeDigest: set, parts: parts, planDigest: nil, label: "set")
    }

    func text(_ pack: String) throws -> String? {
        guard try FileStatus.ifExists("\(root)/current/packs/\(pack)/v") != nil else { return nil }
        return try readText("\(root)/current/packs/\(pack)/v")
    }
}

@Suite struct DeviceLayoutTests {
    @Test("on a device everything lies in the root and one link is switched, for all packs at once")
    func layout() throws {
        try withTemporaryDirectory { root in
            let device = TestDevice(root: root)
            let engine = try device.open()
            #expect(try FileStatus.ifExists("\(root)/current") == nil)
            try engine.activate(try device.prepare(["a": "1", "b": "1"], engine).number)
            #expect(try FileTree.readLink("\(root)/current") == "gen/1/tree")
            try engine.activate(try device.prepare(["a": "2", "b": "2"], engine).number)
            #expect(try device.text("a") == "2")
            #expect(try device.text("b") == "2")
            try engine.rollback()
            #expect(try device.text("a") == "1")
            #expect(
                try DirectoryNames.read(in: root).map(\.display)
                    == ["current", "gen", "journal", "lock", "next", "staging", "store"])
        }
    }

    @Test("the first installation can be taken back to nothing")
    func firstInstall() throws {
        try withTemporaryDirectory { root in
            let device = TestDevice(root: root)
            let engine = try device.open()
            try engine.activate(try device.prepare(["a": "1"], engine).number)
            try engine.rollback()
            #expect(try FileStatus.ifExists("\(root)/current") == nil)
            #expect(engine.active?.number == 0)
        }
    }

    @Test("something at `current` that no journal knows of is never adopted")
    func foreign() throws {
        try withTemporaryDirectory { root in
            try DurableFile.symlink("elsewhere", at: "\(root)/current")
            let engine = try ActivationEngine(device: root)
            _ = try engine.recover()
            #expect(code { try engine.adoptExisting() } == .foreignContent)
            #expect(try FileTree.readLink("\(root)/current") == "elsewhere")
        }
    }

    @Test("a collection keeps the packs of every kept set and of no other")
    func collect() throws {
        try withTemporaryDirectory { root in
            let device = TestDevice(root: root)
            let engine = try device.open(keep: 1)
            for text in ["1", "2", "3"] {
                try engine.activate(try device.prepare(["a": text, "b": "same"], engine).number)
            }
            let staged = try device.publish(["v": "staged"], engine)
            let report = try engine.collectGarbage(retaining: [staged])
            #expect(report.generations == [0, 1])
            // The set of generation 1 and its pack a; pack b is in every set.
            #expect(report.trees.count == 2)
            for generation in engine.generations() {
                for part in generation.parts { #expect(try engine.hasTree(part.treeDigest)) }
            }
            #expect(try engine.hasTree(staged))
            try engine.rollback()
            #expect(try device.text("a") == "2")
        }
    }

    @Test("a failed set blocks the parts to blame, never one that goes on running")
    func blame() throws {
        try withTemporaryDirectory { root in
            let device = TestDevice(root: root)
            let engine = try device.open()
            try engine.activate(try device.prepare(["a": "a1", "b": "b1", "c": "c1"], engine).number)
            let new = try device.prepare(["a": "a2", "b": "b2", "c": "c1"], engine)
            let bad = try #require(new.parts.first { $0.name == "a" }).treeDigest
            var isFirst = true
            let outcome = try engine.activate(
                new.number, apply: {},
                health: {
                    defer { isFirst = false }
                    return isFirst ? .unhealthyParts([bad], reason: "a is ill") : .healthy
                })
            #expect(outcome.result == .rolledBack)
            #expect(engine.blocked().map(\.tree) == [new.treeDigest, bad])
            #expect(code { _ = try device.prepare(["a": "a2", "b": "b1", "c": "c1"], engine) } == .blocked)
            try engine.activate(try device.prepare(["a": "a1", "b": "b2", "c": "c1"], engine).number)
            #expect(try device.text("b") == "b2")
            // A person who takes a set back blames no part of it, so all that came with it are blocked.
            try engine.rollback()
            #expect(engine.blocked().count == 4)
        }
    }

    @Test("a part that was changed in the store is found before a set with it is made")
    func damagedPart() throws {
        try withTemporaryDirectory { root in
            let device = TestDevice(root: root)
            let engine = try device.open()
            let tree = try device.publish(["v": "1"], engine)
            let file = "\(engine.treePath(tree))/v"
            try Descriptor.open(file, .readOnly).setMode(0o644)
            try write("2", to: file)
            try Descriptor.open(file, .readOnly).setMode(0o444)
            let set = try device.publish(["set": "x"], engine)
            let part = Generation.Member(name: "a", treeDigest: tree)
            #expect(
                code { _ = try engine.prepare(treeDigest: set, parts: [part], planDigest: nil, label: "") }
                    == .treeDamaged)
        }
    }
}
