import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

@testable import AuroraActivation

@Suite struct StoreTests {
    static let kinds = TargetKind.allCases

    @Test("drift names what was added, removed, changed, and whose mode changed", arguments: kinds)
    func drift(kind: TargetKind) throws {
        try withTarget(kind) { target in
            let engine = try target.open()
            try target.promote(["same": "1", "gone": "1", "other": "1", "run": "1", "link@": "same"], engine)
            #expect(try engine.drift().isEmpty)
            try FileTree.remove("\(target.path)/gone")
            try write("2", to: "\(target.path)/added")
            try write("2", to: "\(target.path)/new-other", mode: 0o444)
            try DurableFile.rename("\(target.path)/new-other", to: "\(target.path)/other")
            try Descriptor.open("\(target.path)/run", .readOnly).setMode(0o666)
            try FileTree.remove("\(target.path)/link")
            try DurableFile.symlink("gone", at: "\(target.path)/link")
            let found = try engine.drift().map { "\($0.problem.rawValue) \($0.path)" }
            #expect(found == ["added added", "removed gone", "changed link", "changed other", "mode run"])
        }
    }

    @Test("I-4: a drifted active tree refuses the next generation unless the plan shows exactly that", arguments: kinds)
    func driftRefuses(kind: TargetKind) throws {
        try withTarget(kind) { target in
            let engine = try target.open()
            try target.promote(["v": "1"], engine)
            try write("x", to: "\(target.path)/planted")
            let digest = try target.publish(["v": "2"], engine)
            #expect(code { _ = try engine.prepare(treeDigest: digest, planDigest: nil, label: "") } == .drifted)
            let drift = try engine.drift()
            let next = try engine.prepare(treeDigest: digest, planDigest: nil, label: "", acceptingDrift: drift)
            try engine.activate(next.number)
            #expect(try target.content() == ["v": "2"])
            try engine.rollback()
            #expect(try target.content() == ["v": "1", "planted": "x"])
        }
    }

    @Test("I-4: one flipped bit in a stored tree refuses its activation; staging it again heals it", arguments: kinds)
    func damagedStore(kind: TargetKind) throws {
        try withTarget(kind) { target in
            let engine = try target.open()
            let digest = try target.publish(["v": "1", "run*": "2"], engine)
            let file = try Descriptor.open("\(target.root)/store/\(digest.hex)/v", .readWrite)
            try file.pwrite(all: [0x30], at: 0)
            #expect(try engine.verifyTree(digest) == [DriftItem(path: "v", problem: .changed)])
            #expect(code { _ = try engine.prepare(treeDigest: digest, planDigest: nil, label: "") } == .treeDamaged)
            try target.publish(["v": "1", "run*": "2"], engine)
            #expect(try engine.verifyTree(digest).isEmpty)
            let next = try engine.prepare(treeDigest: digest, planDigest: nil, label: "")
            #expect(try engine.activate(next.number).result == .committed)
        }
    }

    @Test("a changed manifest in the store is found by its name")
    func damagedManifest() throws {
        try withTarget(.link) { target in
            let engine = try target.open()
            let digest = try target.publish(["v": "1"], engine)
            let other = TreeManifest(entries: [])
            try DurableFile.replace("\(target.root)/store/\(digest.hex).manifest", contents: other.canonicalBytes)
            #expect(code { _ = try engine.manifest(of: digest) } == .treeDamaged)
        }
    }

    @Test("a tree with a pipe, an outside hard link, or other bytes than announced is not stored")
    func badTrees() throws {
        try withTarget(.link) { target in
            let engine = try target.open()
            let piped = try engine.stagingDirectory()
            #expect(mkfifo("\(piped)/pipe", 0o600) == 0)
            #expect(code { _ = try engine.publish(staged: piped) } == .badTree)

            let linked = try engine.stagingDirectory()
            try write("x", to: "\(target.folder)/outside")
            #expect(link("\(target.folder)/outside", "\(linked)/inside") == 0)
            #expect(code { _ = try engine.publish(staged: linked) } == .badTree)

            let other = try engine.stagingDirectory()
            try target.write(["v": "1"], to: other)
            let manifest = TreeManifest(entries: [])
            #expect(code { _ = try engine.publish(staged: other, manifest: manifest) } == .badTree)

            #expect(code { _ = try engine.publish(staged: target.folder) } == .badTree)
            #expect(try engine.trees().isEmpty)
        }
    }

    @Test("two names of one file inside the tree are fine, set-id bits are gone")
    func hardLinksInside() throws {
        try withTarget(.link) { target in
            let engine = try target.open()
            let staged = try engine.stagingDirectory()
            try write("x", to: "\(staged)/a", mode: 0o6755)
            #expect(link("\(staged)/a", "\(staged)/b") == 0)
            let digest = try engine.publish(staged: staged).digest
            #expect(try FileStatus.of("\(engine.treePath(digest))/a").mode == 0o555)
            #expect(try engine.verifyTree(digest).isEmpty)
        }
    }

    @Test("collection keeps the active one, its rollback target, pinned ones and the newest", arguments: kinds)
    func collection(kind: TargetKind) throws {
        try withTarget(kind, existing: ["v": "0"]) { target in
            let engine = try target.open(keep: 1)
            try target.promote(["v": "1"], engine)
            try engine.pin(1)
            for number in 2...5 { try target.promote(["v": "\(number)"], engine) }
            try engine.activate(2)
            let staged = try target.publish(["staged": "only"], engine)
            let report = try engine.collectGarbage(retaining: [staged])
            #expect(report.generations == [0, 3, 4])
            #expect(engine.generations().map(\.number) == [1, 2, 5])
            #expect(try engine.hasTree(staged))
            #expect(try engine.rollback().active == 5)
            try engine.unpin(1)
            #expect(try engine.collectGarbage(retaining: []).generations == [1, 2])
            #expect(try !engine.hasTree(staged))
            #expect(engine.active?.number == 5)
            #expect(try target.content() == ["v": "5"])
        }
    }

    @Test("collection without a list leaves staged trees alone", arguments: kinds)
    func collectionLeavesStaged(kind: TargetKind) throws {
        try withTarget(kind) { target in
            let engine = try target.open(keep: 1)
            let staged = try target.publish(["staged": "only"], engine)
            for number in 1...3 { try target.promote(["v": "\(number)"], engine) }
            let report = try engine.collectGarbage()
            #expect(report.trees.count == 1)
            #expect(try engine.hasTree(staged))
        }
    }

    @Test("a generation that is prepared and newer than the active one is not collected", arguments: kinds)
    func preparedIsKept(kind: TargetKind) throws {
        try withTarget(kind) { target in
            let engine = try target.open(keep: 1)
            for number in 1...3 { try target.prepare(["v": "\(number)"], engine) }
            #expect(try engine.collectGarbage().generations == [])
            try engine.activate(2)
            #expect(try engine.collectGarbage().generations == [1])
        }
    }
}
