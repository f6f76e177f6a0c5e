import AuroraArchive
import AuroraModel
import AuroraSandbox
import AuroraSystem
import AuroraTrust

/// Has artifacts unpacked by a child without rights, into a target's store or a private place.
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
        do {
            let child = UnpackChild(sandbox: sandbox, auroraPath: auroraPath)
            switch try child.unpack(blob.descriptor.rawValue, into: path, limits: limits, stop: stop) {
            case .unpacked: return
            case .refused(let refusal): throw StageRefusals.archive(refusal, artifact: blob.digest)
            case .died(let how): throw StageRefusals.childDied(blob.digest, how)
            }
        } catch let refusal as SandboxRefusal {
            throw StageRefusals.sandbox(refusal)
        }
    }
}
