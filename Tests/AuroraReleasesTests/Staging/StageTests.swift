import AuroraActivation
import AuroraApprovals
import AuroraArchive
import AuroraModel
import AuroraReleases
import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

/// Staging: what is accepted, what is refused, and that a refusal leaves nothing.
@Suite struct StageTests {
    private func archive(_ hub: TestHub, _ version: String = "1.0.0") throws -> [UInt8] {
        try Archive.tarGzip(["VERSION": version, "bin/run*": "#!/bin/sh\n", "data/a": "a"], in: hub.root)
    }

    /// What is left on disk of staging: nothing, whatever happened.
    private func leftovers(_ hub: TestHub) throws -> [String] {
        let beside = hub.root + "/srv/.app.aurora"
        return try Shelf.names(hub.root + "/verify") + Shelf.names(beside + "/staging")
            + Shelf.names(beside + "/store")
    }

    @Test func `a signed artifact is staged, listed, logged, and not active`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            let release = try hub.publish(["VERSION": "1.0.0", "bin/run*": "#!/bin/sh\n"])
            #expect(release.verdict.isGood)
            #expect(release.verdict.covers == .artifact)
            #expect(release.entries == 3)
            #expect(try hub.releases.stager.stagedDigests() == [release.artifact.hex])
            #expect(try hub.actions().suffix(1) == ["release.stage"])
            let target = try hub.releases.targets.find("app")
            #expect(try target.engine.hasTree(release.tree))
            #expect(target.engine.active?.number == 0)
            #expect(!FileManager.default.fileExists(atPath: root + "/srv/app"))
        }
    }

    @Test func `defect 1: an artifact without a signature is refused`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            try hub.releases.uploads.send(try archive(hub), as: "app.tar.gz")
            #expect(refusalCode { _ = try hub.releases.stager.stage(.label("app.tar.gz"), by: .ci) } == "unsigned")
            #expect(try hub.releases.stager.stagedDigests().isEmpty)
            #expect(try leftovers(hub).isEmpty)
        }
    }

    @Test func `defect 1: junk, a stranger's key and a signature over other bytes are refused`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            let bytes = try archive(hub)
            try hub.releases.uploads.send(bytes, as: "app.tar.gz")
            let signer = try Signer.shared.get()
            let stranger = try Signer.stranger.get()
            for signature in [Array("junk".utf8), try stranger.sign(bytes), try signer.sign([1, 2, 3]), [0x88]] {
                try hub.releases.uploads.send(signature, as: "app.tar.gz.asc")
                #expect(
                    refusalCode { _ = try hub.releases.stager.stage(.label("app.tar.gz"), by: .ci) } == "signature_bad")
            }
            #expect(try leftovers(hub).isEmpty)
        }
    }

    @Test func `a bad signature beside a good one is a reason to stop`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            let bytes = try archive(hub)
            try hub.releases.uploads.send(bytes, as: "app.tar.gz")
            try hub.releases.uploads.send(try Signer.shared.get().sign(bytes), as: "app.tar.gz.asc")
            try hub.releases.uploads.send(try Signer.stranger.get().sign(bytes), as: "app.tar.gz.sig")
            #expect(refusalCode { _ = try hub.releases.stager.stage(.label("app.tar.gz"), by: .ci) } == "signature_bad")
        }
    }

    @Test func `defect 3: the checksum file is read, and a wrong one refuses`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            let bytes = try archive(hub)
            let uploads = hub.releases.uploads
            try uploads.send(try Signer.shared.get().sign(bytes), as: "app.tar.gz.asc")
            try uploads.send(Array("\(Digest(hashing: [0]).hex)  app.tar.gz\n".utf8), as: "app.tar.gz.sha256")
            try uploads.send(bytes, as: "app.tar.gz")
            #expect(
                refusalCode { _ = try hub.releases.stager.stage(.label("app.tar.gz"), by: .ci) } == "checksum_mismatch")
            try uploads.send(
                Array("\(Digest(hashing: bytes).hex)  dist/app.tar.gz\n".utf8), as: "app.tar.gz.sha256")
            _ = try hub.releases.stager.stage(.label("app.tar.gz"), by: .ci)
        }
    }

    @Test func `defect 3: a signed archive that was cut off is refused and leaves nothing`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            let bytes = Array(try archive(hub).dropLast(20))
            try hub.releases.uploads.send(bytes, as: "app.tar.gz")
            try hub.releases.uploads.send(try Signer.shared.get().sign(bytes), as: "app.tar.gz.asc")
            #expect(
                refusalCode { _ = try hub.releases.stager.stage(.label("app.tar.gz"), by: .ci) } == "archive_refused")
            #expect(try leftovers(hub).isEmpty)
        }
    }

    @Test(
        "defect 20: a name that is a path finds nothing, whatever file is there",
        arguments: ["/etc/hostname", "../../../etc/hostname", "..", "a/../../b", "", String(repeating: "a", count: 64)])
    func paths(_ name: String) throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            do {
                _ = try hub.releases.stager.stage(ArtifactName(name), by: .ci)
                Issue.record("it was staged")
            } catch let refusal as Refusal {
                #expect(refusal.kind == .notFound)
                #expect(refusal.code == "artifact_unknown")
                #expect(!refusal.message.contains(root))
            }
        }
    }

    @Test func `sidecars pair by name in any order, under their own account only`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            let bytes = try archive(hub)
            let uploads = hub.releases.uploads
            try uploads.send(try Signer.shared.get().sign(bytes), as: "app.tar.gz.asc", by: .maria)
            try uploads.send(bytes, as: "app.tar.gz", by: .ci)
            #expect(refusalCode { _ = try hub.releases.stager.stage(.label("app.tar.gz"), by: .ci) } == "unsigned")
            try uploads.send(try Signer.shared.get().sign(bytes), as: "app.tar.gz.asc", by: .ci)
            // Another account may stage what ci uploaded, by name or by digest.
            _ = try hub.releases.stager.stage(.label("app.tar.gz"), by: .olaf)
        }
    }

    @Test func `a label that two accounts use for different bytes has to be named by digest`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            let (first, second) = (try archive(hub, "1"), try archive(hub, "2"))
            for (bytes, account) in [(first, Actor.ci), (second, Actor.maria)] {
                try hub.releases.uploads.send(bytes, as: "app.tar.gz", by: account)
                try hub.releases.uploads.send(try Signer.shared.get().sign(bytes), as: "app.tar.gz.asc", by: account)
            }
            #expect(
                refusalCode { _ = try hub.releases.stager.stage(.label("app.tar.gz"), by: .olaf) } == "label_ambiguous")
            let release = try hub.releases.stager.stage(.digest(Digest(hashing: second)), by: .olaf)
            #expect(release.artifact == Digest(hashing: second))
        }
    }

    @Test func `staging the same artifact again is a success that changes nothing`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            let release = try hub.publish(["VERSION": "1.0.0"])
            let before = try hub.actions().count
            #expect(try hub.releases.stager.stage(.digest(release.artifact), by: .maria) == release)
            #expect(try hub.actions().count == before)
        }
    }

    @Test func `a signed release file proves name, version and hardware`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            let release = try hub.publish(["VERSION": "1.2.0"], version: "1.2.0", hardware: ["gw-7"])
            #expect(release.verdict.covers == .release)
            #expect(release.version == SemanticVersion("1.2.0"))
            #expect(release.hardwareIDs == ["gw-7"])
        }
    }

    @Test func `better evidence replaces what is known about a staged release`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            let release = try hub.publish(["VERSION": "1.2.0"])
            #expect(release.version == nil)
            let stored = try hub.releases.uploads.send(
                try #require(try hub.releases.blobs.read(release.artifact, limit: 1 << 20)), as: "app.tar.gz")
            try hub.send(releaseFileFor: stored, version: "1.2.0")
            #expect(try hub.releases.stager.stage(.label("app.tar.gz"), by: .ci).version == SemanticVersion("1.2.0"))
        }
    }

    @Test func `a release file about another artifact is refused`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            let other = try hub.releases.uploads.send(try archive(hub, "old"), as: "app.tar.gz")
            try hub.send(releaseFileFor: other, version: "1.0.0")
            try hub.releases.uploads.send(try archive(hub, "new"), as: "app.tar.gz")
            #expect(
                refusalCode { _ = try hub.releases.stager.stage(.label("app.tar.gz"), by: .ci) }
                    == "release_file_mismatch")
        }
    }

    @Test func `promise 8: a hostile archive is refused by its rule and nothing outside staging is touched`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            try write("secret", to: root + "/outside/secret")
            let bytes = try Archive.tar(["-C", root + "/outside", "-czPf", "-", "--transform", "s#^#../../#", "secret"])
            try hub.releases.uploads.send(bytes, as: "app.tar.gz")
            try hub.releases.uploads.send(try Signer.shared.get().sign(bytes), as: "app.tar.gz.asc")
            do {
                _ = try hub.releases.stager.stage(.label("app.tar.gz"), by: .ci)
                Issue.record("it was staged")
            } catch let refusal as Refusal {
                #expect(refusal.code == "archive_refused")
                #expect(refusal.details["entry"]?.string?.contains("secret") == true)
                #expect(ArchiveRule(rawValue: refusal.rule) != nil)
            }
            #expect(try leftovers(hub).isEmpty)
        }
    }

    @Test func `a tree larger than the limit is refused by the child`() throws {
        try withTemporaryDirectory { root in
            var options = try TestHub.Options.one(root)
            options.limits = ArchiveLimits(unpackedBytes: 1000)
            let hub = try TestHub.start(root, options)
            #expect(
                refusalCode { try hub.publish(["big": String(repeating: "x", count: 2000)]) } == "archive_refused")
        }
    }

    @Test func `--dev stages an unsigned artifact and says so`() throws {
        try withTemporaryDirectory { root in
            var options = try TestHub.Options.one(root)
            options.allowsUnsigned = true
            options.isSigned = false
            let hub = try TestHub.start(root, options)
            try hub.releases.uploads.send(try archive(hub), as: "app.tar.gz")
            let release = try hub.releases.stager.stage(.label("app.tar.gz"), by: .ci)
            #expect(release.verdict.state == .unsigned)
        }
    }

    @Test func `without release keys nothing signed can be staged, and the refusal says what to configure`() throws {
        try withTemporaryDirectory { root in
            var options = try TestHub.Options.one(root)
            options.isSigned = false
            let hub = try TestHub.start(root, options)
            #expect(refusalCode { try hub.publish(["VERSION": "1"]) } == "no_release_keys")
        }
    }

    @Test func `a launcher that is not there refuses: nothing runs with less`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            let bytes = try archive(hub)
            try hub.releases.uploads.send(bytes, as: "app.tar.gz")
            try hub.releases.uploads.send(try Signer.shared.get().sign(bytes), as: "app.tar.gz.asc")
            let settings = Releases.Settings(
                stateDirectory: root, uploads: .small, launcherPath: root + "/no-launcher", auroraPath: Products.aurora,
                allowsUnsigned: true)
            let broken = try Releases(
                settings: settings, database: hub.database, audit: hub.audit, approvals: hub.approvals,
                changes: hub.changes, verifier: nil, clock: hub.time.clock)
            try broken.uploads.send(try archive(hub, "2"), as: "b.tar.gz")
            #expect(refusalCode { _ = try broken.stager.stage(.label("b.tar.gz"), by: .ci) } == "sandbox_unavailable")
        }
    }

    @Test func `with several targets the tree comes to each when its plan is made`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(
                root, TestHub.Options(targets: [try .sample(root), try .sample(root, .second)]))
            let release = try hub.publish(["VERSION": "1.0.0"])
            let (app, second) = (try hub.releases.targets.find("app"), try hub.releases.targets.find("second"))
            #expect(try !app.engine.hasTree(release.tree))
            #expect(try Shelf.names(root + "/verify").isEmpty)
            _ = try hub.releases.planner.promote(release.artifact, on: .second)
            #expect(try second.engine.hasTree(release.tree))
            #expect(try !app.engine.hasTree(release.tree))
            #expect(refusalCode { _ = try hub.releases.targets.find(nil) } == "target_required")
        }
    }

    @Test func `a change in the background ends with the release or with the refusal`() throws {
        try withTemporaryDirectory { root in
            let hub = try TestHub.start(root, .one(root))
            let bytes = try archive(hub)
            try hub.releases.uploads.send(bytes, as: "app.tar.gz")
            let bad = try hub.releases.stager.stageInBackground(.label("app.tar.gz"), by: .ci)
            hub.releases.drain()
            #expect(try hub.changes.get(bad.id).errorCode == "unsigned")
            #expect(try hub.changes.get(bad.id).state == .failed)
            try hub.releases.uploads.send(try Signer.shared.get().sign(bytes), as: "app.tar.gz.asc")
            let good = try hub.releases.stager.stageInBackground(.label("app.tar.gz"), by: .ci)
            hub.releases.drain()
            let change = try hub.changes.get(good.id)
            #expect(change.state == .done)
            #expect(change.result["artifact"]?.string == Digest(hashing: bytes).hex)
            #expect(change.tasks.allSatisfy { $0.state == .done })
        }
    }
}
