package import AuroraModel

/// A pack in the device's store: verified, never active by itself.
package struct StagedPack: Hashable, Sendable {
    /// Where it came from.
    package enum Origin: String, CaseIterable, Hashable, Sendable {
        case folder, archive
        /// Found in the store without a record of how it came there.
        case unknown
    }

    package let id: PackID
    package let version: SemanticVersion
    /// The digest of its tree, which is its name in the store.
    package let tree: Digest
    package let origin: Origin
    /// The SHA-256 of the archive.
    package let archive: Digest?
    /// Whether its manifest named the digest of every artifact; else they were filled in when it was staged.
    package let isSealed: Bool
    package let signature: SignatureVerdict
    /// The digests of its artifacts, as they are.
    package let artifacts: [PackPath: Digest]
    package let bytes: Int64
    package let entries: Int
    package let stagedBy: String
    package let staged: Timestamp

    static let format = "aurora-staged-pack-v1"

    package var json: JSONValue {
        var object: JSONObject = [
            "format": .string(Self.format), "id": .string(id.text), "version": .string("\(version)"),
            "tree": JSONValue(tree), "origin": .string(origin.rawValue), "sealed": .bool(isSealed),
            "signature": signature.json,
            "artifacts": .object(
                JSONObject(artifacts.sorted { $0.key < $1.key }.map { ($0.key.text, JSONValue($0.value)) })),
            "bytes": .integer(bytes), "entries": .integer(Int64(entries)), "stagedBy": .string(stagedBy),
            "staged": JSONValue(staged),
        ]
        if let archive { object["archive"] = JSONValue(archive) }
        return .object(object)
    }

    init(
        manifest: PackManifest, tree: Digest, origin: Origin, archive: Digest?, signature: SignatureVerdict,
        artifacts: [PackPath: Digest], bytes: Int64, entries: Int, stagedBy: String, staged: Timestamp
    ) {
        id = manifest.id
        version = manifest.version
        self.tree = tree
        self.origin = origin
        self.archive = archive
        isSealed = manifest.isSealed
        self.signature = signature
        self.artifacts = artifacts
        self.bytes = bytes
        self.entries = entries
        self.stagedBy = stagedBy
        self.staged = staged
    }

    /// A pack of the store that no row tells of: nobody knows who brought it, so it counts as unsigned.
    ///
    /// - Parameter files: what is in its tree; nil when that is not asked.
    init(unrecorded tree: Digest, _ manifest: PackManifest, _ files: TreeManifest? = nil) {
        self.init(
            manifest: manifest, tree: tree, origin: .unknown, archive: nil, signature: .unsigned, artifacts: [:],
            bytes: files?.byteCount ?? 0, entries: files?.entries.count ?? 0, stagedBy: Actor.system.name,
            staged: Timestamp(milliseconds: 0))
    }

    init(json: JSONValue) throws {
        var reader = try JSONReader(json)
        _ = try reader.parsed("format", expected: Self.format) { $0 == Self.format ? $0 : nil }
        id = try reader.identifier("id")
        version = try reader.parsed("version", expected: "a version") { SemanticVersion($0) }
        tree = try reader.digest("tree")
        origin = try reader.parsed("origin", expected: "folder, archive or unknown") { Origin(rawValue: $0) }
        archive = try reader.optionalDigest("archive")
        isSealed = try reader.bool("sealed")
        signature = try SignatureVerdict(try reader.reader("signature"))
        var artifacts: [PackPath: Digest] = [:]
        for (key, value) in try reader.reader("artifacts").object.members {
            guard let path = PackPath(key), let digest = value.string.flatMap(Digest.init(hex:)) else {
                throw reader.error("artifacts.\(key)", "is no path with a digest")
            }
            artifacts[path] = digest
        }
        self.artifacts = artifacts
        bytes = try reader.integer("bytes", in: 0...Int64.max)
        entries = Int(try reader.integer("entries", in: 0...Int64.max))
        stagedBy = try reader.string("stagedBy")
        staged = try reader.timestamp("staged")
        try reader.finish()
    }
}
