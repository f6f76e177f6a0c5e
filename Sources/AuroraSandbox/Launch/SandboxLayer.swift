/// A layer of the sandbox; each is there or the child does not start.
///
/// The raw value is a stable id; ``exitCode`` is what the launcher ends with when the layer fails.
package enum SandboxLayer: String, Hashable, Sendable, CaseIterable, Codable {
    /// `aurora-launcher` itself.
    case launcher
    /// The specification handed to the launcher.
    case specification
    /// The child's own session and process group.
    case session
    /// Resource limits.
    case resourceLimits = "resource-limits"
    /// The private mounts through which trials and rooms reach their folders.
    case mounts
    /// The working directory.
    case workingDirectory = "working-directory"
    /// The unprivileged user and group.
    case identity
    /// The end of the child with its parent.
    case parentDeath = "parent-death"
    /// `no_new_privs`.
    case noNewPrivileges = "no-new-privileges"
    /// No descriptor but the ones passed on purpose.
    case descriptors
    /// Landlock: the files the child may touch.
    case landlock
    /// seccomp: the system calls the child may make.
    case seccomp
    /// The program to run.
    case program
    /// bubblewrap: the small world of trials and rooms.
    case bubblewrap
    /// The cgroup that bounds and ends everything in a room.
    case cgroup
    /// The process that starts and collects programs inside a room.
    case keeper

    /// The launcher's exit code for this layer (201 …); the same table stands in aurora-launcher.
    package var exitCode: Int32 { Int32(201 + (SandboxLayer.allCases.firstIndex(of: self) ?? 0)) }

    /// What an operator can do when this layer is missing.
    package var remedy: String {
        switch self {
        case .launcher: "install aurora-launcher beside aurora, from the same build"
        case .specification: "report this: hub and launcher come from different builds"
        case .session, .resourceLimits, .descriptors, .parentDeath:
            "run on Linux 5.13 or newer, outside a container that forbids this call"
        case .mounts: "check that /mnt exists and allow unprivileged user namespaces"
        case .workingDirectory: "check that the directory exists and that the user may enter it"
        case .identity: "start the hub as root, or let the command run as the hub's own user"
        case .noNewPrivileges: "run on a kernel with no_new_privs (Linux 3.5 or newer)"
        case .landlock: "boot a kernel with Landlock ABI 2 or newer (Debian 12 has it) and 'landlock' in its lsm= list"
        case .seccomp: "boot a kernel with CONFIG_SECCOMP_FILTER, outside a container that forbids seccomp"
        case .program: "check that the program exists and is executable for that user"
        case .cgroup:
            "start as root where /sys/fs/cgroup is writable, or run below a cgroup that was delegated to this user"
        case .keeper: "look for what ended it in the kernel's log, and try again"
        case .bubblewrap: "install the package bubblewrap and allow unprivileged user namespaces"
        }
    }
}
