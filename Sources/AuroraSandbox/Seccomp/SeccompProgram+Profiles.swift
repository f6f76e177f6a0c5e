import Glibc

extension SeccompProgram {
    /// What no sandboxed program needs: other processes, mounts, modules, keys, clocks, raw sockets, kernel attack area.
    package static let base = SeccompProgram(rules: denied.map { Rule($0) } + conditional)

    /// ``base``, and no Internet socket at all: an empty network namespace has a loopback, and its own attack area.
    package static let withoutNetwork = SeccompProgram(
        // AF_INET, AF_INET6.
        rules: base.rules + [2, 10].map { Rule("socket", error: EAFNOSUPPORT, when: .equal(argument: 0, $0)) })

    /// ``base``, no sockets at all, no new processes or threads, no signals: for a child that parses untrusted input.
    package static let untrustedParser = SeccompProgram(rules: denied.map { Rule($0) } + conditionalForParser)

    /// All that a program needs which reads files it was handed, computes and writes a few lines: `gpgv`.
    ///
    /// Calls that need a name to be opened are here for its libraries; Landlock says which files those are.
    package static let filter = SeccompProgram(allowing: [
        // Starting and ending; the launcher executes the program under this list.
        "execve", "execveat", "exit", "exit_group", "arch_prctl", "set_tid_address", "set_robust_list", "rseq",
        "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall",
        // Memory.
        "brk", "mmap", "munmap", "mremap", "mprotect", "madvise", "mlock", "munlock", "futex",
        // Files.
        "open", "openat", "close", "read", "readv", "pread64", "write", "writev", "lseek", "dup", "dup2", "dup3",
        "fcntl", "stat", "lstat", "fstat", "newfstatat", "statx", "access", "faccessat", "faccessat2", "readlink",
        "readlinkat", "fadvise64", "poll", "ppoll",
        // Itself and the time.
        "getpid", "gettid", "getuid", "geteuid", "getgid", "getegid", "getrlimit", "prlimit64", "getrusage", "times",
        "uname", "getrandom", "clock_gettime", "clock_getres", "gettimeofday", "time", "getcwd",
    ])

    private static let denied = [
        // Mounts and namespaces.
        "mount", "umount2", "pivot_root", "move_mount", "open_tree", "open_tree_attr", "fsopen", "fsconfig", "fsmount",
        "fspick", "mount_setattr", "chroot", "unshare", "setns", "statmount", "listmount",
        // Other processes.
        "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "process_mrelease", "pidfd_getfd", "kcmp",
        // Kernel interfaces with a history.
        "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register", "keyctl",
        "add_key", "request_key", "fanotify_init", "vmsplice", "lookup_dcookie", "name_to_handle_at",
        "open_by_handle_at", "mbind", "move_pages", "migrate_pages", "set_mempolicy", "set_mempolicy_home_node",
        // The machine.
        "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff",
        "acct", "quotactl", "quotactl_fd", "iopl", "ioperm", "modify_ldt", "syslog", "settimeofday", "clock_settime",
        "clock_settime64", "stime", "adjtimex", "clock_adjtime", "clock_adjtime64", "sethostname", "setdomainname",
        "vhangup", "uselib", "nfsservctl",
    ]

    /// TIOCSTI and TIOCLINUX type into the terminal of whoever started the program.
    private static let terminalTricks = [
        Rule("ioctl", when: .equal(argument: 1, 0x5412)), Rule("ioctl", when: .equal(argument: 1, 0x541c)),
    ]

    private static let always = [
        Rule("personality", when: .different(argument: 0, 0xffff_ffff)),
        // ENOSYS makes glibc fall back to clone, whose flags a filter can see.
        Rule("clone3", error: ENOSYS),
    ]

    private static let conditional =
        always + terminalTricks
        // CLONE_NEWUSER
        + [Rule("clone", when: .hasBit(argument: 0, 0x1000_0000))]
        // AF_KEY, AF_NETLINK, AF_PACKET, AF_CAN, AF_BLUETOOTH, AF_ALG, AF_VSOCK.
        + [15, 16, 17, 29, 31, 38, 40].map {
            Rule("socket", error: EAFNOSUPPORT, when: .equal(argument: 0, $0))
        }
        // IPPROTO_SCTP, IPPROTO_MPTCP.
        + [132, 262].map { Rule("socket", error: EAFNOSUPPORT, when: .equal(argument: 2, $0)) }

    private static let conditionalForParser =
        always + terminalTricks
        + ["clone", "fork", "vfork", "kill", "tkill", "pidfd_open", "pidfd_send_signal", "rt_sigqueueinfo"].map {
            Rule($0)
        }
        // Only abort(3) may signal: SIGABRT is 6.
        + [Rule("tgkill", when: .different(argument: 2, 6)), Rule("rt_tgsigqueueinfo")]
        + ["socket", "socketpair"].map { Rule($0, error: EAFNOSUPPORT) }
        + [
            "connect", "bind", "listen", "accept", "accept4", "sendto", "sendmsg", "sendmmsg", "mknod", "mknodat",
            "memfd_create", "memfd_secret", "shmget", "msgget", "semget", "mq_open",
        ].map { Rule($0) }
}
