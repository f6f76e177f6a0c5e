package import AuroraSystem

/// A trial's own small world: the copied tree, the system's programs read-only, no network, nothing of the host.
///
/// bubblewrap runs as an unprivileged user (the launcher drops root first; a sandbox made by uid 0 leaks) and makes new
/// user, mount, process, network, IPC, host name and cgroup namespaces. The generator is the security code: arguments
/// are built here only, and ``arguments(command:)`` has a golden test.
package struct BubblewrapProfile: Sendable {
    /// The program, from the package bubblewrap.
    package static let program = "/usr/bin/bwrap"
    /// The child's number of the descriptor of the tree's copy.
    package static let treeDescriptor: Int32 = 3
    /// The child's number of the descriptor of the seccomp program.
    package static let seccompDescriptor: Int32 = 4

    /// Where bubblewrap finds the tree: the launcher's private mount.
    private static let treeSource = "/mnt"
    /// Where the copy of the staged tree appears; the target's own path, so that absolute commands work.
    package var mountPoint: String
    /// Bytes of the private `/tmp`.
    package var temporaryBytes: UInt64 = 64 << 20
    /// Further directories of the host that appear read-only at the same place.
    package var readOnlyPaths: [String] = []
    /// Variables of the command beside PATH, HOME and LANG.
    package var environment: [String: String] = [:]
    /// Longest run time; then everything in the sandbox is killed.
    package var timeout: Duration = .seconds(60)
    /// Ends the trial early when it is raised.
    package var stop: StopSignal?

    /// Makes a profile whose tree appears at `mountPoint`, which must be absolute and without `..`.
    package init(mountPoint: String) { self.mountPoint = mountPoint }

    /// bubblewrap's arguments for a command.
    ///
    /// - Throws: when a path is not absolute, climbs, or would cover what the sandbox itself puts there.
    package func arguments(command: [String]) throws(SandboxRefusal) -> [String] {
        guard let first = command.first, !first.isEmpty else {
            throw SandboxRefusal(.program, "the trial has no command", remedy: "set the target's health command")
        }
        for path in [mountPoint] + readOnlyPaths { try check(path) }
        var world = BubblewrapWorld(
            configuration: .unprivileged, hostname: "trial", temporaryBytes: temporaryBytes,
            workingDirectory: mountPoint)
        let own = [("PATH", "/usr/bin:/bin"), ("HOME", "/tmp"), ("LANG", "C.UTF-8")]
        world.environment = own + environment.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        world.mounts = readOnlyPaths.map { BubblewrapWorld.Mount(source: $0, place: $0, isWritable: false) }
        world.mounts.append(
            BubblewrapWorld.Mount(source: BubblewrapProfile.treeSource, place: mountPoint, isWritable: true))
        world.seccompDescriptor = BubblewrapProfile.seccompDescriptor
        return world.arguments(command: command)
    }

    private func check(_ path: String) throws(SandboxRefusal) {
        let top = BubblewrapWorld.top(path)
        let isTaken = path == mountPoint ? BubblewrapWorld.own.contains(top) : top == "proc" || top == "dev"
        guard BubblewrapWorld.isPlain(path), !isTaken
        else {
            throw SandboxRefusal(
                .bubblewrap, "\(path) cannot be shown in the trial",
                remedy: "use an absolute path without '..' outside the system's own directories")
        }
    }
}
