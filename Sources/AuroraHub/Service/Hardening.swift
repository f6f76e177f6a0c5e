import AuroraSystem
import Glibc

/// What the process gives up before it does anything else (S-37, S-38).
enum Hardening {
    /// No core dumps, no debugger of the same user, no new rights through set-id programs, files for the owner alone.
    ///
    /// Nothing the hub starts needs set-id programs: bubblewrap works with user namespaces, and commands run as the user
    /// that the configuration names. Children do not inherit that memory is closed to debuggers: each program decides
    /// anew, and the launcher lets none of them run as the hub's user when that is root.
    static func apply() throws {
        ProcessRights.keepNewFilesPrivate()
        try ProcessRights.giveUpNewPrivileges()
        try ProcessRights.closeMemory()
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        guard setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none) == 0 else {
            throw SystemError(operation: "setrlimit(RLIMIT_CORE)", path: nil, errno: errno)
        }
        raiseOpenFiles()
        Signals.ignoreBrokenPipes()
    }

    /// Ten thousand keep-alive connections need that many descriptors; the soft limit is often 1,024.
    private static func raiseOpenFiles() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, 65_536)
        _ = setrlimit(resource, &limit)
    }
}
