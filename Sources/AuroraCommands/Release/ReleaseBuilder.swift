import AuroraCrypto
import AuroraModel
import AuroraSystem

/// `aurora release build`: a tar.gz that depends on the tree alone, and the release file that names it.
struct ReleaseBuilder {
    let invocation: Invocation

    /// Packs the folder and writes both files.
    func build() throws -> ExitCode {
        let line = invocation.line
        guard let name = line.value("name"), let version = line.value("version") else {
            throw CommandError.usage("a release has a name and a version", remedy: "add --name NAME --version 1.0.0")
        }
        guard let semantic = SemanticVersion(version) else {
            throw CommandError.usage("'\(version)' is no semantic version", remedy: "write it like 2.4.0 or 2.4.0-rc.1")
        }
        let folder = line.value("into") ?? "."
        let artifact = "\(folder)/\(name)-\(version).tar.gz"
        for path in [artifact, artifact + ".release.json"] where LocalFile.exists(path) {
            throw CommandError(
                "\(path) is there already", remedy: "releases never change: take another version, or remove it",
                code: "exists", exit: .conflict)
        }
        try FolderMaker.make(folder, mode: 0o755)
        try pack(invocation.argument("folder"), into: artifact)
        let (digest, size) = try ArtifactFile.measure(artifact)
        let release = ReleaseFile(
            name: try ReleaseName.require(name), version: semantic, hardwareIDs: line.values("hardware"),
            artifact: digest, size: size, created: Timestamp(milliseconds: invocation.surroundings.clock.now()))
        try LocalFile.write(artifact + ".release.json", release.bytes)
        let shown: JSONValue = [
            "artifact": .string(artifact), "sha256": .string(digest.hex), "size": .integer(size),
            "release": .string(artifact + ".release.json"),
        ]
        invocation.console.show("BuiltRelease", shown, names: [artifact]) { "\(artifact)  \(digest.hex)" }
        invocation.console.note("  next: aurora release sign \(artifact)")
        return .success
    }

    /// Sorted names, no times, no owners, numeric modes: the same tree gives the same bytes on every machine.
    private func pack(_ tree: String, into artifact: String) throws {
        let tool = Tool(surroundings: invocation.surroundings)
        let tar = artifact + ".tar"
        defer { try? DurableFile.remove(tar) }
        try tool.run(
            "tar",
            [
                "--create", "--file", tar, "--directory", tree, "--sort=name", "--mtime=@0", "--owner=0", "--group=0",
                "--numeric-owner", "--mode=u=rwX,go=rX", "--format=gnu", ".",
            ], package: "tar")
        // -n leaves name and time out of the gzip header.
        try tool.run("gzip", ["-n", "-9", "--force", tar], package: "gzip")
        try DurableFile.rename(tar + ".gz", to: artifact)
    }
}

/// An artifact on this machine.
enum ArtifactFile {
    /// The digest and the size of a file.
    static func measure(_ path: String) throws(CommandError) -> (digest: Digest, size: Int64) {
        do {
            let file = try Descriptor.open(path, .readOnly)
            let (bytes, count) = try SHA256.hashFile(descriptor: file.rawValue)
            guard let digest = Digest(bytes: bytes) else {
                throw CommandError("cannot hash \(path)", code: "hash_failed")
            }
            return (digest, Int64(clamping: count))
        } catch let error as CommandError {
            throw error
        } catch {
            throw CommandError("cannot read \(path)", cause: "\(error)", code: "file_unreadable")
        }
    }
}
