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
            let files = Dictionary(
                uniqueKeysWithValues: (0..<200).map { ("f\($0)", String(repeating: "g", count: 4000)) })
            let good = try Archive.tarGzip(files.merging(["VERSION": "good"]) { $1 }, in: root)
            let evil = try Archive.tarGzip(files.merging(["VERSION": "evil"]) { $1 }, in: root)
            let digest = try hub.releases.uploads.send(good, as: "app.tar.gz").digest
            try hub.releases.uploads.send(try Signer.shared.get().sign(good), as: "app.tar.gz.asc")
            let blob = "\(root)/blobs/sha256/\(digest.hex.prefix(2))/\(digest.hex)"
            for _ in 0..<5 {
                let attacker = Attacker(attack, blob: blob, evil: evil, good: good, uploads: hub.releases.uploads)
                let release = try? hub.releases.stager.stage(.digest(digest), by: .ci)
                attacker.stop()
                guard let release else { continue }
                let tree = try hub.releases.targets.find("app").engine.treePath(release.tree)
                #expect(try readText(tree + "/VERSION") == "good")
                #expect(release.artifact == digest)
            }
            for tree in try hub.releases.targets.find("app").engine.trees() {
                let path = try hub.releases.targets.find("app").engine.treePath(tree)
                #expect(try readText(path + "/VERSION") == "good")
            }
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

/// A thread that swaps bytes as fast as it can until it is stopped.
private final class Attacker: Sendable {
    private let isStopped = Mutex(false)
    private let done = DispatchGroup()

    init(_ attack: RaceTests.Attack, blob: String, evil: [UInt8], good: [UInt8], uploads: Uploads) {
        DispatchQueue.global().async(group: done) { [self] in
            var isEvil = true
            while !isStopped.withLock({ $0 }) {
                let bytes = isEvil ? evil : good
                switch attack {
                case .rename:
                    let next = blob + ".swap"
                    _ = FileManager.default.createFile(atPath: next, contents: Data(bytes))
                    rename(next, blob)
                case .overwrite:
                    chmod(blob, 0o600)
                    try? Descriptor.open(blob, .writeOnly).pwrite(all: bytes, at: 0)
                case .upload:
                    _ = try? uploads.send(bytes, as: "app.tar.gz")
                }
                isEvil.toggle()
            }
        }
    }

    func stop() {
        isStopped.withLock { $0 = true }
        done.wait()
    }
}
