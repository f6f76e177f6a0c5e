/// The small signed document that says what an artifact is (`aurora-release-v1`, docs/formats/release.md).
///
/// Only a signature over this file proves name and version, so only it can be checked for a downgrade.
package struct ReleaseFile: Hashable, Sendable {
    package static let format = "aurora-release-v1"

    package let name: ReleaseName
    package let version: SemanticVersion
    /// Hardware this release is for; empty means any.
    package let hardwareIDs: [String]
    /// Of the artifact this file speaks about.
    package let artifact: Digest
    /// Bytes of the artifact.
    package let size: Int64
    package let created: Timestamp

    package init(
        name: ReleaseName, version: SemanticVersion, hardwareIDs: [String] = [], artifact: Digest, size: Int64,
        created: Timestamp
    ) {
        self.name = name
        self.version = version
        self.hardwareIDs = hardwareIDs
        self.artifact = artifact
        self.size = size
        self.created = created
    }

    package var json: JSONValue {
        [
            "format": .string(ReleaseFile.format), "name": .string(name.text), "version": .string("\(version)"),
            "hardwareIDs": JSONValue(hardwareIDs), "sha256": JSONValue(artifact), "size": .integer(size),
            "created": JSONValue(created),
        ]
    }

    /// The bytes that are signed.
    package var bytes: [UInt8] { json.documentBytes }

    /// Reads a release file of at most 64 KiB, strictly.
    /// - Throws: A ``Refusal`` with code `bad_json` or `bad_document`.
    package init(bytes: [UInt8]) throws(Refusal) {
        let value: JSONValue
        do { value = try JSONParser.parse(bytes, maximumBytes: 65536, depth: 4) } catch {
            throw Refusal(error, of: "the release file")
        }
        do { try self.init(value) } catch { throw Refusal(error, of: "the release file") }
    }

    package init(_ value: JSONValue) throws(JSONShapeError) {
        var reader = try JSONReader(value)
        _ = try reader.parsed("format", expected: ReleaseFile.format) { $0 == ReleaseFile.format ? $0 : nil }
        name = try reader.identifier("name")
        version = try reader.parsed("version", expected: "a semantic version such as 1.2.3") { SemanticVersion($0) }
        hardwareIDs = try reader.strings("hardwareIDs")
        artifact = try reader.digest("sha256")
        size = try reader.integer("size", in: 0...Int64.max)
        created = try reader.timestamp("created")
        try reader.finish()
        guard hardwareIDs.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 128 && $0.printable() == $0 }) else {
            throw JSONShapeError(path: "hardwareIDs", problem: "holds an empty, over-long or unprintable id")
        }
    }
}
