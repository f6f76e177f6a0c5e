import AuroraCrypto
import AuroraModel
import AuroraSystem

/// Tells which version a folder holds, byte by byte.
struct DemoTree {
    private let known: [(version: String, digest: Digest)]

    /// Measures the trees the releases were packed from.
    init(places: DemoPlaces, versions: [String]) throws {
        known = try versions.map { ($0, try Self.digest(places.tree($0))) }
    }

    /// The version whose tree lies at `path` exactly; nil when it is none of them.
    func version(at path: String) throws -> String? {
        let digest = try Self.digest(path)
        return known.first { $0.digest == digest }?.version
    }

    /// A digest over the names, kinds, execute bits and contents below a folder.
    private static func digest(_ path: String) throws -> Digest {
        // The target may be a link into the store; the tree behind it is what counts.
        let root = try Descriptor.open(path + "/.", [.readOnly, .directory])
        var manifest = SHA256()
        for entry in try FileTree.walk(root.rawValue) {
            var line = "\(entry.path)\u{0}\(entry.kind)\u{0}\(entry.mode & 0o100)\u{0}\(entry.linkTarget ?? "")\u{0}"
            if entry.kind == .regular { line += try ArtifactFile.measure(path + "/" + entry.path).digest.hex }
            manifest.update(Array((line + "\n").utf8))
        }
        guard let digest = Digest(bytes: manifest.finalize()) else {
            throw CommandError("cannot measure \(path)", code: "demo_failed")
        }
        return digest
    }
}
