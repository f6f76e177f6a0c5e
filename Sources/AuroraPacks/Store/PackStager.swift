import AuroraActivation
import AuroraArchive
import AuroraAudit
import AuroraCrypto
import AuroraDatabase
import AuroraModel
import AuroraSandbox
import AuroraSystem
import AuroraTrust
import Glibc

/// Brings packs into the device's store: verified, sealed, never active by themselves.
///
/// Everything happens to a private copy below the device's folder: what was verified there is what is moved into the
/// store by one rename. One caller at a time.
struct PackStager {
    let engine: ActivationEngine
    let places: DevicePlaces
    let configuration: DeviceConfiguration
    let unpack: UnpackChild
    let verifier: OpenPGPVerifier?
    let clock: WallClock
    /// Entries, sizes, ratios that an archive may have at most.
    var limits = ArchiveLimits()

    /// A pack that stands in the store and is not recorded yet.
    func stage(_ source: PackSource, by actor: Actor) throws -> StagedPack {
        let staging = try engine.stagingDirectory()
        // Once published the directory has moved away and there is nothing to remove.
        defer { try? engine.discardStaging(staging) }
        let provenance = try bring(source, into: staging)
        let manifest = try StagedFolder(path: "\(staging)/pack").manifest()
        try check(manifest, provenance)
        let tree = try StagedFolder(path: "\(staging)/pack").seal(manifest)
        let artifacts = try Self.verify(manifest, tree)
        _ = try engine.publish(staged: "\(staging)/pack", manifest: tree)
        return StagedPack(
            manifest: manifest, tree: tree.digest, origin: provenance.origin, archive: provenance.archive,
            signature: provenance.signature, artifacts: artifacts, bytes: tree.byteCount, entries: tree.entries.count,
            stagedBy: actor.name,
            staged: Timestamp(milliseconds: clock.now()))
    }

    /// Where the bytes came from and who answers for them.
    private struct Provenance {
        let origin: StagedPack.Origin
        var archive: Digest?
        let signature: SignatureVerdict
    }

    private func bring(_ source: PackSource, into staging: String) throws -> Provenance {
        switch source {
        case .folder(let path):
            try requireRoom(try Self.size(of: path), path)
            try copy(path, to: "\(staging)/pack")
            return Provenance(origin: .folder, signature: .unsigned)
        case .archive(let path, let signature):
            return try unpack(path, signature: signature, into: staging)
        }
    }

    private func copy(_ path: String, to copy: String) throws {
        do throws(SystemError) {
            try FileTree.duplicate(from: path, to: copy)
        } catch {
            guard error.errno == EILSEQ else { throw error }
            throw PackRefusals.entry(error.path ?? path, "has a name that is not UTF-8", "rename it")
        }
    }

    /// The bytes of a folder in which nothing is that no copy could hold.
    private static func size(of path: String) throws -> Int64 {
        try FileTree.walk(path).reduce(0) { sum, entry in
            guard entry.kind != .other else {
                throw PackRefusals.entry(
                    entry.path.printable(limit: 200), "is a device, a pipe or a socket", "remove it")
            }
            return sum &+ entry.size
        }
    }

    private func requireRoom(_ bytes: Int64, _ path: String) throws {
        let free = Int64(clamping: try DiskSpace.available(at: places.root).bytes)
        guard bytes <= free else { throw PackRefusals.storage(path, needed: bytes, free: free) }
    }

    // MARK: Archives

    private func unpack(_ path: String, signature: String?, into staging: String) throws -> Provenance {
        let archive = try privateCopy(of: path, in: staging)
        let digest = try Self.digest(of: archive, path)
        let verdict = try judge(archive, path, signature)
        try archive.seek(to: 0)
        var limits = limits
        limits.unpackedBytes = min(limits.unpackedBytes, try DiskSpace.available(at: places.root).bytes)
        try DurableFile.makeDirectory("\(staging)/pack", mode: 0o700)
        do {
            switch try unpack.unpack(archive.rawValue, into: "\(staging)/pack", limits: limits) {
            case .unpacked: break
            case .refused(let refusal): throw PackRefusals.archive(refusal, path)
            case .died(let how): throw PackRefusals.childDied(path, how)
            }
        } catch let refusal as SandboxRefusal {
            throw PackRefusals.sandbox(refusal)
        }
        return Provenance(origin: .archive, archive: digest, signature: verdict)
    }

    /// The archive as it is now, where nobody else can write to it: digested, judged and unpacked from this one file.
    private func privateCopy(of path: String, in staging: String) throws -> Descriptor {
        let source = try Descriptor.open(path, [.readOnly, .noFollow])
        let status = try source.stat()
        guard status.kind == .regular else { throw PackRefusals.source(path, "is no file") }
        try requireRoom(status.size, path)
        let copy = try Descriptor.open("\(staging)/archive", [.readWrite, .create, .exclusive])
        try FileTree.copyBytes(source, copy)
        try copy.seek(to: 0)
        return copy
    }

    private func judge(_ archive: borrowing Descriptor, _ path: String, _ signature: String?) throws -> SignatureVerdict
    {
        guard let signature else { return .unsigned }
        guard let verifier else { throw PackRefusals.noKeyring(signature) }
        let verdict = try verifier.verify(
            signature: DurableFile.read(signature, limit: 1 << 20), artifactDescriptor: archive.rawValue)
        guard verdict.isGood else { throw PackRefusals.signature(signature, verdict) }
        return verdict
    }

    private static func digest(of file: borrowing Descriptor, _ path: String) throws -> Digest {
        let hash = try SHA256.hashFile(descriptor: file.rawValue).digest
        guard let digest = Digest(bytes: hash) else { throw PackRefusals.source(path, "cannot be hashed") }
        return digest
    }

    // MARK: Rules

    /// What policy says, before any work is put into the tree.
    private func check(_ manifest: PackManifest, _ provenance: Provenance) throws {
        let isSigned = provenance.signature.isGood
        if !manifest.isSealed, !isSigned {
            if provenance.origin == .archive { throw PackRefusals.unsealed(manifest.id, " and comes in an archive") }
            if configuration.policy.unsealed == .refuse {
                throw PackRefusals.unsealed(manifest.id, ", and policy.unsealed of this device refuses that")
            }
        }
        if !isSigned, configuration.policy.unsigned == .refuse { throw PackRefusals.unsigned(manifest.id) }
    }

    /// The digest of every artifact as it stands in the sealed tree; those that were empty are filled in by it.
    private static func verify(_ manifest: PackManifest, _ tree: TreeManifest) throws -> [PackPath: Digest] {
        let files = Dictionary(
            tree.entries.compactMap { entry in entry.sha256.map { (Array(entry.path.utf8), $0) } },
            uniquingKeysWith: { first, _ in first })
        var found: [PackPath: Digest] = [:]
        for artifact in manifest.artifacts {
            guard let digest = files[Array(artifact.path.text.utf8)] else {
                throw PackRefusals.missingArtifact(artifact.path)
            }
            if let stated = artifact.digest, stated != digest {
                throw PackRefusals.artifact(artifact.path, stated: stated, found: digest)
            }
            found[artifact.path] = digest
        }
        for artifact in manifest.autoscan.variants.flatMap(\.artifacts) {
            guard let digest = files[Array(artifact.path.text.utf8)] else { continue }
            if let stated = artifact.digest, stated != digest {
                throw PackRefusals.artifact(artifact.path, stated: stated, found: digest)
            }
            found[artifact.path] = digest
        }
        return found
    }
}
