import AuroraSystem
import AuroraTestSupport
import Foundation

/// Runs a script as a reader would, in an empty home and in a network of its own, so that the usual ports are free.
enum IsolatedRun {
    /// A network of its own needs root.
    static let isPossible = geteuid() == 0

    static func bash(_ arguments: [String], in folder: String, timeout: Duration) throws -> ProcessResult {
        let programs = (try BuiltPrograms.path("aurora") as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return try Processes.run(
            ProcessSpec(
                executable: "/usr/bin/unshare",
                arguments: ["--net", "/bin/bash", "-c", "ip link set lo up && exec /bin/bash \"$@\"", "bash"]
                    + arguments,
                environment: [
                    "PATH": "\(programs):/usr/bin:/bin:/usr/sbin:/sbin", "HOME": folder, "LC_ALL": "C.UTF-8",
                ], workingDirectory: folder, outputLimit: 1 << 20, timeout: timeout))
    }
}
