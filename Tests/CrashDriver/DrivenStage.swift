import AuroraActivation
import AuroraApprovals
import AuroraModel
import AuroraReleases
import AuroraSystem
import Glibc

/// The acts of the sweep on one stage: judged by gpgv, unpacked by the child, published into the target's store.
struct DrivenStage {
    let hub: DrivenReleases
    private static let name = "app.tar.gz"

    init(folder: String, hasTarget: Bool = true) throws {
        if access("\(folder)/srv", F_OK) != 0 { try DurableFile.makeDirectory("\(folder)/srv") }
        hub = try DrivenReleases(folder: folder, hasTarget: hasTarget)
    }

    /// Takes the artifact and its signature in.
    func setUp(artifact: String, signature: String) throws {
        for (file, name) in [(artifact, Self.name), (signature, Self.name + ".asc")] {
            let bytes = try DurableFile.read(file)
            let writer = try hub.releases.uploads.begin(UploadRequest(account: hub.ci, fileName: name))
            try bytes.withUnsafeBytes { try writer.write($0) }
            _ = try writer.finish()
        }
        hub.close()
    }

    func stage() throws {
        _ = try hub.releases.stager.stage(.label(Self.name), by: hub.ci)
        try acknowledge(1)
    }

    /// The whole staged release, or nothing but what a start or a collection takes away; staging again ends well.
    func check(acknowledged: Int) throws {
        let left = try DrivenReleases.leftovers(hub.folder)
        try DrivenReleases.require(left.isEmpty, "left behind after a start: \(left.joined(separator: ", "))")
        let engine = try hub.releases.targets.find(DrivenReleases.target).engine
        let staged = try hub.releases.stager.releases().items
        if let release = staged.first {
            try requireWhole(release, engine)
        } else {
            try DrivenReleases.require(acknowledged == 0, "the stage was acknowledged and is not there")
            try engine.collectGarbage(retaining: [])
            try DrivenReleases.require(try engine.trees().isEmpty, "a tree that nothing collects")
        }
        try requireWhole(hub.releases.stager.stage(.label(Self.name), by: hub.ci), engine)
        hub.close()
    }

    private func requireWhole(_ release: StagedRelease, _ engine: ActivationEngine) throws {
        let damage = try engine.verifyTree(release.tree)
        try DrivenReleases.require(damage.isEmpty, "the staged tree is not whole: \(damage)")
        let tree = engine.treePath(release.tree)
        let version = try DurableFile.read("\(tree)/VERSION")
        try DrivenReleases.require(version == Array("1\n".utf8), "the staged tree holds something else")
        let records = try BlobStore(directory: "\(hub.folder)/records")
        try DrivenReleases.require(
            try records.read(release.tree, limit: 1 << 20) == engine.manifest(of: release.tree).canonicalBytes,
            "the record of the tree is missing")
        try hub.requireEntries("release.stage", release.artifact, 1...1)
    }
}
