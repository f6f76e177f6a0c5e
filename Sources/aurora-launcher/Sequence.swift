import CShims
import Glibc

/// The steps in the order that keeps each one possible: everything is opened before rights go, Landlock and seccomp
/// come last.
struct Sequence {
    private let specification: Specification

    init(_ specification: Specification) { self.specification = specification }

    /// Runs every step and executes the program; returns only by throwing.
    func run() throws(Failure) {
        let parent = getppid()
        try joinGroups()
        try enterSession()
        try setLimits()
        if !specification.shown.isEmpty { try Shown(specification.shown).attach() }
        if specification.mount == Specification.none { try enterDirectory() } else { try enterTree() }
        let landlock = specification.wantsLandlock ? try Landlock(specification) : nil
        try dropRights()
        if specification.mount != Specification.none {
            try mountTree()
            try enterDirectory()
        }
        try dieWithParent(parent)
        if specification.wantsNoNewPrivileges, aurora_launcher_no_new_privileges() != 0 {
            throw Failure(.noNewPrivileges, "prctl refused it")
        }
        try landlock?.addRules()
        try closeDescriptors(keeping: landlock?.ruleset)
        try landlock?.restrict()
        try filterCalls()
        if specification.isKeeper {
            var keeper = Keeper(specification)
            try keeper.serve()
        }
        try execute()
    }

    /// Before anything else is done, so that every byte and process of what follows is counted; 0 is the writer itself.
    private func joinGroups() throws(Failure) {
        for group in specification.groups where Glibc.write(Int32(bitPattern: group), "0", 1) != 1 {
            throw Failure(.cgroup, "it cannot be joined")
        }
    }

    private func enterSession() throws(Failure) {
        // The parent may have made the session already (POSIX_SPAWN_SETSID); then this process leads it.
        if setsid() < 0, getsid(0) != getpid() { throw Failure(.session, "setsid failed") }
        umask(0o022)
    }

    private func setLimits() throws(Failure) {
        for limit in specification.limits {
            if aurora_launcher_limit(Int32(limit.resource), limit.value, limit.value) != 0 {
                throw Failure(.resourceLimits, "limit \(limit.resource) cannot be set to \(limit.value)")
            }
        }
    }

    /// The working directory moves along into a new mount namespace, a descriptor does not; taken with the rights of the
    /// start, because the user that mounts may not be able to enter the directories above the tree.
    private func enterTree() throws(Failure) {
        if fchdir(Int32(bitPattern: specification.mount)) != 0 { throw Failure(.mounts, "the tree cannot be entered") }
    }

    /// Shows the tree at /mnt, in a user and mount namespace that only this process and what it becomes see: bubblewrap
    /// looks its sources up by name.
    ///
    /// Done as the unprivileged user, so that a hub needs no CAP_SYS_ADMIN for it.
    private func mountTree() throws(Failure) {
        let (uid, gid) = (geteuid(), getegid())
        // The change of user took the ownership of /proc/self away, and the map of users is written there.
        if aurora_launcher_own_proc() != 0 { throw Failure(.mounts, "prctl refused it") }
        if aurora_launcher_user_namespace() != 0 { throw Failure(.mounts, "no user namespace can be made") }
        try fill("/proc/self/setgroups", with: "deny")
        try fill("/proc/self/uid_map", with: "\(uid) \(uid) 1")
        try fill("/proc/self/gid_map", with: "\(gid) \(gid) 1")
        if aurora_launcher_private_mounts() != 0 { throw Failure(.mounts, "no mount namespace can be made") }
        let tree = aurora_launcher_clone_tree()
        guard tree >= 0 else { throw Failure(.mounts, "the tree cannot be mounted") }
        defer { close(tree) }
        if aurora_launcher_attach(tree, "/mnt") != 0 { throw Failure(.mounts, "the tree cannot be shown at /mnt") }
    }

    private func fill(_ path: String, with text: String) throws(Failure) {
        let file = open(path, O_WRONLY | O_CLOEXEC)
        defer { if file >= 0 { close(file) } }
        let count = text.utf8.count
        guard file >= 0, text.withCString({ Glibc.write(file, $0, count) }) == count else {
            throw Failure(.mounts, path)
        }
    }

    private func enterDirectory() throws(Failure) {
        if chdir(specification.workingDirectory) != 0 {
            throw Failure(.workingDirectory, String(cString: specification.workingDirectory))
        }
    }

    private func dropRights() throws(Failure) {
        guard specification.wantsIdentity else { return }
        let (uid, gid) = (specification.uid, specification.gid)
        let isRoot = geteuid() == 0
        if specification.wantsNoCapabilities, aurora_launcher_drop_bounding_set() != 0 {
            throw Failure(.identity, "capabilities stay in the bounding set")
        }
        if isRoot, aurora_launcher_drop_groups() != 0 { throw Failure(.identity, "supplementary groups stay") }
        if aurora_launcher_set_group(gid) != 0 { throw Failure(.identity, "group \(gid) cannot be taken") }
        if aurora_launcher_set_user(uid) != 0 { throw Failure(.identity, "user \(uid) cannot be taken") }
        guard getuid() == uid, geteuid() == uid, getgid() == gid, getegid() == gid else {
            throw Failure(.identity, "the user or group did not change", code: 0)
        }
        if specification.wantsNoCapabilities, aurora_launcher_drop_capabilities() != 0 {
            throw Failure(.identity, "capabilities stay")
        }
        if uid != 0, setuid(0) == 0 { throw Failure(.identity, "root could be taken back", code: 0) }
    }

    /// After the user changed, because that clears the setting.
    private func dieWithParent(_ parent: pid_t) throws(Failure) {
        guard specification.diesWithParent else { return }
        if aurora_launcher_die_with_parent() != 0 { throw Failure(.parentDeath, "prctl refused it") }
        // The parent may have gone in between: then nobody waits for this program.
        if getppid() != parent { throw Failure(.parentDeath, "the parent has gone", code: 0) }
    }

    /// Closes everything but the standard streams, what the program is to get, and what the last steps need, which goes
    /// by itself when the program starts.
    private func closeDescriptors(keeping ruleset: Int32?) throws(Failure) {
        var kept = specification.kept
        var own = [UInt32(bitPattern: specification.status)]
        if specification.program != Specification.none { own.append(specification.program) }
        if let ruleset { own.append(UInt32(bitPattern: ruleset)) }
        for number in own where aurora_launcher_close_on_exec(Int32(bitPattern: number)) != 0 {
            throw Failure(.descriptors, "descriptor \(number) is not open")
        }
        kept += own
        var next: UInt32 = 3
        for number in kept.sorted() where number >= next {
            if number > next, aurora_launcher_close(next, number - 1) != 0 {
                throw Failure(.descriptors, "close_range failed")
            }
            next = number + 1
        }
        if aurora_launcher_close(next, UInt32.max) != 0 { throw Failure(.descriptors, "close_range failed") }
    }

    private func filterCalls() throws(Failure) {
        guard specification.wantsSeccomp else { return }
        let program = specification.seccomp
        guard program.count > 0, program.count % 8 == 0, program.count / 8 <= 4096 else {
            throw Failure(.seccomp, "the program has \(program.count) bytes", code: 0)
        }
        if aurora_launcher_seccomp(program.baseAddress, program.count) != 0 {
            throw Failure(.seccomp, "the kernel refused the program")
        }
    }

    private func execute() throws(Failure) {
        var arguments = specification.arguments.map { UnsafeMutablePointer<CChar>?(UnsafeMutablePointer(mutating: $0)) }
        var environment = specification.environment.map {
            UnsafeMutablePointer<CChar>?(UnsafeMutablePointer(mutating: $0))
        }
        arguments.append(nil)
        environment.append(nil)
        write("ready\n", to: specification.status)
        if specification.program == Specification.none {
            execve(specification.path, arguments, environment)
            throw Failure(.program, String(cString: specification.path))
        }
        aurora_launcher_execute(Int32(bitPattern: specification.program), arguments, environment)
        throw Failure(.program, "the program given by descriptor cannot be executed")
    }
}
