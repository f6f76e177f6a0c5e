import CShims
import Glibc

/// What a process can give up for good, for itself and for what others may do to it (`prctl(2)`).
package enum ProcessRights {
    /// Files and folders made from now on are their owner's alone, unless their mode is set (`umask(2)`).
    ///
    /// For programs, not for modules: it holds for the whole process.
    package static func keepNewFilesPrivate() { umask(0o077) }

    /// From now on no program that this process or a descendant executes gains rights by set-id bits or file capabilities.
    package static func giveUpNewPrivileges() throws(SystemError) {
        try check("prctl(PR_SET_NO_NEW_PRIVS)") { aurora_no_new_privileges() }
    }

    /// Closes this process to other processes of the same user: no debugger, no reading of its memory or environment
    /// through `/proc`, no core dump.
    ///
    /// Root is not kept out. Ends with the next program executed.
    package static func closeMemory() throws(SystemError) {
        try check("prctl(PR_SET_DUMPABLE)") { aurora_close_memory() }
    }

    /// Lets the kernel send SIGTERM to this process when the thread that started it ends (PR_SET_PDEATHSIG).
    ///
    /// - Returns: false when `parent` is not the parent any more; then nobody would tell.
    package static func endWithParent(_ parent: Int32) -> Bool {
        aurora_end_with_parent(SIGTERM) == 0 && getppid() == parent
    }

    /// Takes a variable out of the environment, and its value out of the memory that `/proc/PID/environ` shows.
    ///
    /// To be called before other threads read the environment.
    /// - Returns: the value; nil when there is none.
    package static func takeVariable(_ name: String) -> String? {
        guard let bytes = getenv(name) else { return nil }
        let value = String(cString: bytes)
        // Not memset: the compiler may leave out writes that nobody reads, and explicit_bzero is made for this.
        explicit_bzero(bytes, strlen(bytes))
        unsetenv(name)
        return value
    }
}
