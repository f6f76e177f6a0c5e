import CSeccomp

/// Numbers of system calls, from libseccomp or, for calls younger than Debian 12's libseccomp 2.5.4, from here.
enum SeccompNumbers {
    /// The same on x86-64 and arm64 (all calls since 424 are).
    private static let younger: [String: Int32] = [
        "process_mrelease": 448, "set_mempolicy_home_node": 450, "cachestat": 451, "fchmodat2": 452,
        "map_shadow_stack": 453, "futex_wake": 454, "futex_wait": 455, "futex_requeue": 456, "statmount": 457,
        "listmount": 458, "lsm_get_self_attr": 459, "lsm_set_self_attr": 460, "lsm_list_modules": 461, "mseal": 462,
        "setxattrat": 463, "getxattrat": 464, "listxattrat": 465, "removexattrat": 466, "open_tree_attr": 467,
    ]

    /// The number; negative when the call is known but this architecture does not have it; nil when nobody knows it.
    static func number(of name: String) -> Int32? {
        let number = seccomp_syscall_resolve_name(name)
        // __NR_SCMP_ERROR
        return number == -1 ? younger[name] : number
    }
}
