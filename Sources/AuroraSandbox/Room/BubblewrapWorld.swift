/// The small world that bubblewrap makes, as its arguments: the generator is the security code of trials and rooms.
///
/// The system's programs are there read-only, `/proc` and `/dev` of its own, a private `/tmp`, and what is mounted by
/// name; nothing else of the host. Every list that can come out of it has a golden test.
struct BubblewrapWorld {
    /// One folder or file that appears inside.
    struct Mount: Hashable {
        /// Where bubblewrap finds it.
        var source: String
        /// Where it appears: absolute, plain, and not over the world's own places.
        var place: String
        var isWritable: Bool
    }

    /// Whether the namespaces are made by an unprivileged user, or by root where user namespaces are off.
    var configuration: SandboxConfiguration
    /// The name of the machine inside.
    var hostname: String
    /// Whether the host's network is there.
    var hasNetwork = false
    /// Whether the command is the first process, which collects all others.
    var isFirstProcess = false
    /// The whole environment.
    var environment: [(name: String, value: String)] = []
    /// Bytes of the private `/tmp`, and of `/dev/shm`.
    var temporaryBytes: UInt64
    var mounts: [Mount] = []
    /// Symbolic links in the world: where, and their text.
    var links: [(place: String, text: String)] = []
    /// Files of the host that appear read-only at the same place where they exist.
    var hostFiles = ["/etc/ld.so.cache", "/etc/alternatives"]
    var workingDirectory: String
    /// The descriptor of a seccomp program that bubblewrap puts in force; nil when the command does so itself.
    var seccompDescriptor: Int32?

    /// The arguments for a command.
    func arguments(command: [String]) -> [String] {
        var arguments = namespaces
        if hasNetwork { arguments += configuration == .unprivileged ? ["--share-net"] : [] }
        arguments += ["--die-with-parent", "--new-session"]
        if isFirstProcess { arguments.append("--as-pid-1") }
        arguments.append("--clearenv")
        for variable in environment { arguments += ["--setenv", variable.name, variable.value] }
        arguments += ["--hostname", hostname, "--cap-drop", "ALL"]
        if configuration == .privileged {
            for capability in ["CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"] { arguments += ["--cap-add", capability] }
        }
        arguments += system
        for file in hostFiles + (hasNetwork ? BubblewrapWorld.networkFiles : []) {
            arguments += ["--ro-bind-try", file, file]
        }
        arguments += ["--proc", "/proc", "--dev", "/dev"] + temporary("/dev/shm") + ["--remount-ro", "/dev"]
        arguments += temporary("/tmp")
        for mount in mounts { arguments += [mount.isWritable ? "--bind" : "--ro-bind", mount.source, mount.place] }
        for link in links { arguments += ["--symlink", link.text, link.place] }
        arguments += ["--remount-ro", "/", "--chdir", workingDirectory]
        if let seccompDescriptor { arguments += ["--seccomp", String(seccompDescriptor)] }
        return arguments + ["--"] + command
    }

    private var namespaces: [String] {
        switch configuration {
        case .unprivileged: ["--unshare-all", "--unshare-user", "--disable-userns"]
        case .privileged:
            ["--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup"]
                + (hasNetwork ? [] : ["--unshare-net"])
        }
    }

    /// Everybody may write there, as bubblewrap may still be another user than the programs.
    private func temporary(_ place: String) -> [String] {
        ["--perms", "1777", "--size", String(temporaryBytes), "--tmpfs", place]
    }

    private var system: [String] {
        [
            "--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--symlink", "usr/sbin", "/sbin", "--symlink",
            "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64",
        ]
    }

    /// What programs need to find and to trust others on the host's network.
    static let networkFiles = ["/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/ssl/certs"]

    /// Folders of the world itself, which no mount may cover.
    static let own: Set<Substring> = ["usr", "bin", "sbin", "lib", "lib64", "proc", "dev", "etc"]

    /// Whether `path` is absolute and has neither empty parts nor `.` nor `..`.
    static func isPlain(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        return path.hasPrefix("/") && !parts.isEmpty && !path.utf8.contains(0)
            && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }

    /// The first part of an absolute path.
    static func top(_ path: String) -> Substring { path.dropFirst().prefix { $0 != "/" } }
}
