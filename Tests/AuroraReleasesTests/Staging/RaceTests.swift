import AuroraActivation
import AuroraModel
import AuroraReleases
import AuroraSystem
import AuroraTestSupport
import Dispatch
import Foundation
import Synchronization
import Testing

/// I-12: somebody swaps the upload while it is verified.
@Suite struct RaceTests {
    /// Ways to get at the bytes between the verdict and the unpacking.
    enum Attack: CaseIterable {
        /// Another file takes the blob's name.
        case rename
        /// The blob's own bytes are written over.
        case overwrite
        /// The label is uploaded anew.
        case upload
    }

    @Test(arguments: Attack.allCases)
    func `I-12, promise 3: verified bytes are installed bytes, or nothing is`(attack: Attack) throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            var verdicts: [Bool] = []
            // Left alone it is staged; with the other bytes in place before it begins it is refused; then the races.
            verdicts.append(try round(0, hub) { _ in })
            #expect(verdicts == [true])
            verdicts.append(try round(1, hub) { try $0.strike(attack, isEvil: true) })
            #expect(verdicts == [true, false])
            for number in 2..<7 {
                let attacker = Mutex<Attacker?>(nil)
                verdicts.append(
                    try round(number, hub) { prey in attacker.withLock { $0 = Attacker(attack, prey) } })
                attacker.withLock { $0?.stop() }
            }
            #expect(verdicts.count == 7)
            #expect(verdicts.contains(true) && verdicts.contains(false))
            let engine = try hub.releases.targets.find("app").engine
            #expect(try !engine.trees().isEmpty)
            for tree in try engine.trees() {
                #expect(try readText(engine.treePath(tree) + "/VERSION").hasPrefix("good"))
            }
        }
    }

    /// Stages a fresh artifact under attack; whether it was staged, which only its own bytes may be.
    private func round(_ number: Int, _ hub: TestHub, _ attack: (Prey) throws -> Void) throws -> Bool {
        let files = Dictionary(
            uniqueKeysWithValues: (0..<200).map { ("f\($0)", String(repeating: "g", count: 4000)) })
        let good = try Archive.tarGzip(files.merging(["VERSION": "good \(number)"]) { $1 }, in: hub.root)
        let evil = try Archive.tarGzip(files.merging(["VERSION": "evil \(number)"]) { $1 }, in: hub.root)
        let name = "app-\(number).tar.gz"
        let digest = try hub.releases.uploads.send(good, as: name).digest
        try hub.releases.uploads.send(try Signer.shared.get().sign(good), as: name + ".asc")
        let blob = "\(hub.root)/blobs/sha256/\(digest.hex.prefix(2))/\(digest.hex)"
        try attack(Prey(name: name, blob: blob, good: good, evil: evil, uploads: hub.releases.uploads))
        do {
            let release = try hub.releases.stager.stage(.label(name), by: .ci)
            let tree = try hub.releases.targets.find("app").engine.treePath(release.tree)
            #expect(try readText(tree + "/VERSION") == "good \(number)")
            #expect(release.artifact == digest)
            return true
        } catch is Refusal {
            return false
        } catch is BlobDamage {
            return false
        }
    }

    @Test func `a blob that the disk changed is not staged`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            let bytes = try Archive.tarGzip(["VERSION": "1"], in: root)
            let digest = try hub.releases.uploads.send(bytes, as: "app.tar.gz").digest
            try hub.releases.uploads.send(try Signer.shared.get().sign(bytes), as: "app.tar.gz.asc")
            let blob = "\(root)/blobs/sha256/\(digest.hex.prefix(2))/\(digest.hex)"
            chmod(blob, 0o600)
            try Descriptor.open(blob, .writeOnly).pwrite(all: [bytes[30] ^ 1], at: 30)
            #expect(throws: BlobDamage.changed(digest)) {
                _ = try hub.releases.stager.stage(.label("app.tar.gz"), by: .ci)
            }
            // Uploading it again heals it.
            try hub.releases.uploads.send(bytes, as: "app.tar.gz")
            _ = try hub.releases.stager.stage(.label("app.tar.gz"), by: .ci)
        }
    }
}

/// What is attacked.
struct Prey: Sendable {
    let name: String
    let blob: String
    let good: [UInt8]
    let evil: [UInt8]
    let uploads: Uploads

    func strike(_ attack: RaceTests.Attack, isEvil: Bool) throws {
        let bytes = isEvil ? evil : good
        switch attack {
        case .rename:
            let next = blob + ".swap"
            _ = FileManager.default.createFile(atPath: next, contents: Data(bytes))
            rename(next, blob)
        case .overwrite:
            chmod(blob, 0o600)
            try Descriptor.open(blob, .writeOnly).pwrite(all: bytes, at: 0)
        case .upload:
            try uploads.send(bytes, as: name)
        }
    }
}

/// A thread that swaps bytes as fast as it can until it is stopped.
private final class Attacker: Sendable {
    private let isStopped = Mutex(false)
    private let done = DispatchGroup()

    init(_ attack: RaceTests.Attack, _ prey: Prey) {
        DispatchQueue.global().async(group: done) { [self] in
            var isEvil = true
            while !isStopped.withLock({ $0 }) {
                try? prey.strike(attack, isEvil: isEvil)
                isEvil.toggle()
            }
        }
    }

    func stop() {
        isStopped.withLock { $0 = true }
        done.wait()
    }
}
