import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

/// Runs a script as a reader would, in an empty home and in a network of its own, so that the usual ports are free.
enum IsolatedRun {
    /// Root makes a network at once; everybody else needs a user namespace to make it in.
    static let isPossible =
        geteuid() == 0
        || (try? Processes.run(
            ProcessSpec(executable: "/usr/bin/unshare", arguments: namespaces + ["/bin/true"])))?.isSuccess == true

    /// What a test says where it cannot run.
    static let need: Comment =
        "a network of its own needs root, or user namespaces (sysctl kernel.unprivileged_userns_clone=1)"

    /// The caller stays who he is inside the user namespace, and its capabilities are for `ip` alone.
    ///
    /// Mapped to root, the hub would give up its rights to users that do not exist there.
    private static var namespaces: [String] {
        geteuid() == 0 ? ["--net"] : ["--user", "--map-current-user", "--keep-caps", "--net"]
    }

    private static let start = """
        ip link set lo up && exec setpriv --inh-caps=-all --ambient-caps=-all /bin/bash "$@"
        """

    static func bash(_ arguments: [String], in folder: String, timeout: Duration) throws -> ProcessResult {
        let programs = (try BuiltPrograms.path("aurora") as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return try Processes.run(
            ProcessSpec(
                executable: "/usr/bin/unshare",
                arguments: namespaces + ["/bin/bash", "-c", start, "bash"] + arguments,
                environment: [
                    "PATH": "\(programs):/usr/bin:/bin:/usr/sbin:/sbin", "HOME": folder, "LC_ALL": "C.UTF-8",
                    "AURORA_CLONE": Page.root,
                ], workingDirectory: folder, outputLimit: 1 << 20, timeout: timeout))
    }
}
