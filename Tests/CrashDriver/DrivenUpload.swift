import AuroraModel
import AuroraReleases
import AuroraSystem

/// The acts of the sweep on one upload: in one piece, or resumable in two; of new bytes, or of bytes the hub has.
struct DrivenUpload {
    /// The word of the verbs that says which.
    enum Kind: String {
        case whole, resumable
        case wholeAgain = "whole-again"
        case resumableAgain = "resumable-again"
    }

    let hub: DrivenReleases
    let isResumable: Bool
    /// Whether the setup had stored the same bytes already.
    let isAgain: Bool

    init(folder: String, kind: Kind) throws {
        hub = try DrivenReleases(folder: folder, hasTarget: false)
        isResumable = kind == .resumable || kind == .resumableAgain
        isAgain = kind == .wholeAgain || kind == .resumableAgain
    }

    func setUp() throws {
        if isAgain { try sendWhole() }
        hub.close()
    }

    private static let name = "app.bin"
    /// Larger than what the kernel or the library would take in one call.
    private static let content = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
    private static let half = content.count / 2
    private static let digest = Digest(hashing: content)
    /// The number that is acknowledged when the artifact is stored.
    private var last: Int { isResumable ? 3 : 1 }

    private var request: UploadRequest {
        UploadRequest(
            account: hub.ci, fileName: Self.name, length: Int64(Self.content.count), declared: Self.digest)
    }

    /// Begins, writes and ends; a resumable one is acknowledged when it is known, when it is paused, and at its end.
    func upload() throws {
        guard isResumable else {
            try sendWhole()
            return try acknowledge(last)
        }
        let id = try hub.releases.uploads.create(request).id
        try acknowledge(1)
        let first = try hub.releases.uploads.resume(id, offset: 0, by: hub.ci)
        try first.write(Self.content[..<Self.half])
        _ = try first.pause()
        try acknowledge(2)
        try finish(id)
        try acknowledge(3)
    }

    private func sendWhole() throws {
        let writer = try hub.releases.uploads.begin(request)
        try writer.write(Self.content[..<Self.half])
        try writer.write(Self.content[Self.half...])
        _ = try writer.finish()
    }

    private func finish(_ id: UploadID) throws {
        let offset = try hub.releases.uploads.status(id, by: hub.ci).offset
        let writer = try hub.releases.uploads.resume(id, offset: offset, by: hub.ci)
        try writer.write(Self.content[Int(offset)...])
        _ = try writer.finish()
    }

    /// The whole artifact with its entry, or none of it; what was promised to be resumable is, and ends well.
    func check(acknowledged: Int, wasKilled: Bool) throws {
        let parts = try DrivenReleases.names("\(hub.folder)/uploads")
        let left = try DrivenReleases.leftovers(hub.folder)
        try DrivenReleases.require(left.isEmpty, "left behind after a start: \(left.joined(separator: ", "))")
        let isStored = try hub.releases.artifacts.artifact(Self.digest) != nil
        if !isStored {
            try DrivenReleases.require(
                !isAgain && acknowledged < last, "the upload was acknowledged and is not there")
            try DrivenReleases.require(!hub.releases.blobs.contains(Self.digest), "a blob no row names")
            try hub.requireEntries("artifact.upload", Self.digest, 0...0)
        }
        if isStored && !isAgain {
            try DrivenReleases.require(parts.isEmpty, "a part stayed beside the artifact")
        } else {
            // Where the bytes are stored anyway, nothing is lost with a part.
            try checkParts(parts, acknowledged: isAgain ? 0 : acknowledged, wasKilled: wasKilled)
        }
        if try hub.releases.artifacts.artifact(Self.digest) == nil { try sendWhole() }
        try checkStored()
        hub.close()
    }

    private func checkParts(_ parts: [String], acknowledged: Int, wasKilled: Bool) throws {
        guard isResumable else {
            return try DrivenReleases.require(parts.isEmpty, "a part nobody can go on with: \(parts)")
        }
        // Failing calls end an upload and free its bytes; only a crash or a lost connection leaves it open.
        if wasKilled, acknowledged > 0 {
            try DrivenReleases.require(parts.count == 1, "an acknowledged upload is gone: \(parts)")
        }
        for part in parts {
            guard let id = UploadID(String(part.dropLast(5))) else { throw BadState(description: "odd part \(part)") }
            let offset = try hub.releases.uploads.status(id, by: hub.ci).offset
            try DrivenReleases.require(
                !wasKilled || acknowledged < 2 || offset >= Int64(Self.half), "acknowledged bytes are gone")
            try finish(id)
        }
    }

    private func checkStored() throws {
        guard let blob = try hub.releases.blobs.open(Self.digest) else {
            throw BadState(description: "the artifact's row has no blob")
        }
        try blob.verify()
        try hub.requireEntries("artifact.upload", Self.digest, 1...(isAgain ? 3 : 1))
        let usage = hub.releases.uploads.usage
        try DrivenReleases.require(
            usage.storedBytes == Int64(Self.content.count) && usage.partialBytes == 0 && usage.openUploads == 0,
            "the quota counts wrong: \(usage)")
    }
}

extension UploadWriter {
    fileprivate func write(_ bytes: ArraySlice<UInt8>) throws { try bytes.withUnsafeBytes { try write($0) } }
}
