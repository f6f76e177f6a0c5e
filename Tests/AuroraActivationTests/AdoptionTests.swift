import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Foundation
import Synchronization
import Testing

@testable import AuroraActivation

@Suite struct AdoptionTests {
    static let kinds = TargetKind.allCases

    @Test("an existing folder becomes generation 0 without copying", arguments: kinds)
    func folder(kind: TargetKind) throws {
        try withTarget(kind, existing: ["a": "1", "sub/b*": "2"]) { target in
            let inode = try FileStatus.of("\(target.path)/a").inode
            let engine = try target.open()
            #expect(try FileStatus.of("\(target.path)/a").inode == inode)
            #expect(try FileStatus.of(target.path).kind == (kind == .link ? .symlink : .directory))
            let adopted = try #require(engine.active)
            #expect(adopted.number == 0)
            #expect(
                try engine.manifest(of: try #require(adopted.treeDigest)).entries.map(\.path) == ["a", "sub", "sub/b"])
            try target.promote(["a": "2"], engine)
            try engine.rollback()
            #expect(try FileStatus.of("\(target.path)/a").inode == inode)
        }
    }

    @Test("an existing relative link is adopted and rollback leads to the same tree again")
    func relativeLink() throws {
        try withTarget(.link) { target in
            try target.write(["releases/v1/a": "1"], to: target.folder)
            try DurableFile.symlink("releases/v1", at: target.path)
            let engine = try target.open()
            #expect(try target.content() == ["a": "1"])
            try target.promote(["a": "2"], engine)
            #expect(try target.content() == ["a": "2"])
            try engine.rollback()
            #expect(try target.content() == ["a": "1"])
        }
    }

    @Test("an existing absolute link is adopted as it is")
    func absoluteLink() throws {
        try withTarget(.link) { target in
            try target.write(["v1/a": "1"], to: target.folder)
            try DurableFile.symlink("\(target.folder)/v1", at: target.path)
            let engine = try target.open()
            try target.promote(["a": "2"], engine)
            try engine.rollback()
            #expect(try target.content() == ["a": "1"])
        }
    }

    @Test("content that a manifest cannot describe is adopted all the same", arguments: kinds)
    func oddContent(kind: TargetKind) throws {
        try withTarget(kind, existing: ["a": "1"]) { target in
            #expect(mkfifo("\(target.path)/pipe", 0o600) == 0)
            let engine = try target.open()
            #expect(engine.active?.treeDigest == nil)
            #expect(try engine.drift() == [DriftItem(path: "", problem: .unknown)])
            let digest = try target.publish(["a": "2"], engine)
            #expect(code { _ = try engine.prepare(treeDigest: digest, planDigest: nil, label: "x") } == .drifted)
            let next = try engine.prepare(
                treeDigest: digest, planDigest: nil, label: "x",
                acceptingDrift: [DriftItem(path: "", problem: .unknown)])
            try engine.activate(next.number)
            try engine.rollback()
            #expect(try FileStatus.of("\(target.path)/pipe").kind == .other)
        }
    }

    @Test("a file, or a link for a directory target, is not adopted")
    func refused() throws {
        try withTarget(.link) { target in
            try write("x", to: target.path)
            #expect(code { _ = try target.open() } == .foreignContent)
            #expect(try readText(target.path) == "x")
        }
        try withTarget(.directory) { target in
            try DurableFile.symlink("elsewhere", at: target.path)
            #expect(code { _ = try target.open() } == .foreignContent)
        }
    }

    @Test("adoption that stopped at its record goes on at the next start", arguments: kinds, [false, true])
    func interrupted(kind: TargetKind, isMoved: Bool) throws {
        try withTarget(kind, existing: ["a": "1"]) { target in
            let layout = try TargetLayout(path: target.path)
            try layout.establish(kind: kind)
            try DurableFile.makeDirectory(layout.generation(0))
            let manifest = try TreeScan(root: FileTree.open(target.path), purpose: .adopt).manifest
            try DurableFile.replace(layout.adoptedManifest(0), contents: manifest.canonicalBytes)
            do {
                let worker = try TargetWorker(layout: layout, kind: kind, keep: 5, clock: .fixed(1))
                if kind == .link { try DurableFile.symlink(layout.linkText(0), at: layout.tree(0)) }
                try worker.append(.adopting(form: .directory, identity: try TreeIdentity(ofDirectory: target.path)))
                if isMoved && kind == .link { try AtomicRename.exchange(target.path, layout.tree(0)) }
            }
            let engine = try target.open()
            #expect(engine.active?.number == 0)
            #expect(try target.content() == ["a": "1"])
            try target.promote(["a": "2"], engine)
            try engine.rollback()
            #expect(try target.content() == ["a": "1"])
        }
    }

    @Test("a lost journal never leads to the loss of a tree", arguments: kinds)
    func lostJournal(kind: TargetKind) throws {
        try withTarget(kind, existing: ["a": "1"]) { target in
            do {
                let engine = try target.open()
                try target.promote(["a": "2"], engine)
            }
            try FileTree.remove("\(target.root)/journal")
            #expect(code { _ = try target.open() } == .foreignContent)
            #expect(try target.content() == ["a": "2"])
            #expect(try readText("\(target.root)/gen/0/tree/a") == "1")
        }
    }

    @Test("a reader never finds the path missing while it is adopted and switched", arguments: kinds)
    func neverMissing(kind: TargetKind) throws {
        try withTarget(kind, existing: ["v": "0"]) { target in
            let file = "\(target.path)/v"
            let isDone = Mutex(false)
            let counts = Mutex((lookups: 0, misses: 0))
            let reader = Thread {
                while !isDone.withLock({ $0 }) {
                    let found = (try? FileStatus.ifExists(file)) ?? nil
                    counts.withLock {
                        $0.lookups += 1
                        if found == nil { $0.misses += 1 }
                    }
                }
            }
            reader.start()
            let engine = try target.open()
            for number in 1...20 { try target.promote(["v": "\(number)"], engine) }
            isDone.withLock { $0 = true }
            let seen = counts.withLock { $0 }
            #expect(seen.misses == 0)
            #expect(seen.lookups > 100)
        }
    }
}
