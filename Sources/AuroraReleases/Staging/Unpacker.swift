import AuroraArchive
import AuroraModel
import AuroraSandbox
import AuroraSystem
import Glibc

/// Has archives unpacked by a child without rights.
///
/// The child is `aurora internal unpack` of the same build, started through the launcher: another uid when the hub is
/// root, Landlock, seccomp, resource limits. It gets the artifact's descriptor and one empty directory, and nothing it
/// says about the tree is believed.
struct Unpacker: Sendable {
    let sandbox: Sandbox
    /// The program that has the hidden verb; nil runs the running program itself.
    let auroraPath: String?
    let limits: ArchiveLimits
    /// Where trees are unpacked that are for no target yet.
    let directory: String

    /// Makes the private place and removes what a crash left in it.
    func prepare() throws {
        try Directories.make(directory)
        for name in try Directories.names(in: directory) { try FileTree.remove("\(directory)/\(name)") }
    }

    /// A fresh empty directory of mode 0700.
    func privateDirectory() throws -> String {
        let path = "\(directory)/\(UploadID(random: SecureRandom.bytes(10)).text)"
        try Directories.make(path)
        return path
    }

    /// Unpacks the open blob into an empty directory.
    ///
    /// - Throws: `Refusal`: `archive_refused` with the rule and the entry, `sandbox_unavailable` with the layer.
    func unpack(_ blob: borrowing Blob, into path: String, stop: StopSignal? = nil) throws {
        let folder = try FileTree.open(path)
        let identity = SandboxIdentity.unpack.whenRoot
        guard fchown(folder.rawValue, identity.uid, identity.gid) == 0 else {
            throw SystemError(operation: "fchown", path: path, errno: errno)
        }
        let result = try start(artifact: blob.descriptor.rawValue, directory: folder.rawValue, stop)
        let said = UnpackChildProtocol.decode(result.output)
        switch (said, result.outcome) {
        case (.unpacked, .exited(0)): return
        case (.refused(let refusal), .exited(UnpackChildProtocol.refusedExitCode)):
            throw StageRefusals.archive(refusal, artifact: blob.digest)
        default:
            throw StageRefusals.childDied(blob.digest, "\(result.outcome)")
        }
    }

    private func start(artifact: Int32, directory: Int32, _ stop: StopSignal?) throws -> ProcessResult {
        var profile = SandboxProfile.unpack(
            directory: UnpackChildProtocol.directoryDescriptor, unpackedBytes: limits.unpackedBytes)
        profile.stop = stop
        do {
            let program = try auroraPath.map { try Descriptor.open($0, .readOnly) } ?? Sandbox.ownProgram()
            return try sandbox.run(
                profile, program: .descriptor(program.rawValue), arguments: UnpackChildProtocol.arguments(limits),
                descriptors: [
                    (UnpackChildProtocol.artifactDescriptor, artifact),
                    (UnpackChildProtocol.directoryDescriptor, directory),
                ])
        } catch let refusal as SandboxRefusal {
            throw StageRefusals.sandbox(refusal)
        }
    }
}
