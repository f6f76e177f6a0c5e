package import AuroraArchive
package import AuroraSandbox
package import AuroraSystem
import Glibc

/// Has archives unpacked by a child without rights.
///
/// The child is `aurora internal unpack` of the same build, started through the launcher: another uid when this program
/// is root, Landlock, seccomp, resource limits. It gets the archive's descriptor and one empty directory, and nothing it
/// says about the tree is believed. A value; calls may run at once and block.
package struct UnpackChild: Sendable {
    private let sandbox: Sandbox
    private let auroraPath: String?

    /// What came of it.
    package enum Outcome: Hashable, Sendable {
        case unpacked
        case refused(ArchiveRefusal)
        /// It ended without an answer that makes sense, in these words.
        case died(String)
    }

    /// - Parameter auroraPath: The program that has the hidden verb; nil runs the running program itself.
    package init(sandbox: Sandbox, auroraPath: String? = nil) {
        self.sandbox = sandbox
        self.auroraPath = auroraPath
    }

    /// Unpacks the open archive into the empty directory `path`.
    ///
    /// - Throws: `SandboxRefusal` naming the layer that is missing; then nothing was read.
    package func unpack(
        _ archive: Int32, into path: String, limits: ArchiveLimits, stop: StopSignal? = nil
    ) throws -> Outcome {
        let folder = try FileTree.open(path)
        let identity = SandboxIdentity.unpack.whenRoot
        try folder.setOwner(uid: identity.uid, gid: identity.gid)
        var profile = SandboxProfile.unpack(
            directory: UnpackChildProtocol.directoryDescriptor, unpackedBytes: limits.unpackedBytes)
        profile.stop = stop
        let program = try auroraPath.map { try Descriptor.open($0, .readOnly) } ?? Sandbox.ownProgram()
        let result = try sandbox.run(
            profile, program: .descriptor(program.rawValue), arguments: UnpackChildProtocol.arguments(limits),
            descriptors: [
                (UnpackChildProtocol.artifactDescriptor, archive),
                (UnpackChildProtocol.directoryDescriptor, folder.rawValue),
            ])
        switch (UnpackChildProtocol.decode(result.output), result.outcome) {
        case (.unpacked, .exited(0)): return .unpacked
        case (.refused(let refusal), .exited(UnpackChildProtocol.refusedExitCode)): return .refused(refusal)
        default: return .died("\(result.outcome)")
        }
    }
}
