import AuroraSystem

extension FactsReader {
    /// What files tell about the kernel; the rest is probed on the machine itself.
    func kernel() -> KernelFeatures {
        var features = KernelFeatures()
        features.userNamespaces = userNamespaces()
        let actions = files.text("/proc/sys/kernel/seccomp/actions_avail")
        features.seccomp = actions.map { !$0.isEmpty }
        readCgroups(&features)
        return features
    }

    /// Nil when the kernel says nothing.
    ///
    /// Debian and Ubuntu have switches of their own.
    private func userNamespaces() -> Bool? {
        guard let most = UInt64(line("/proc/sys/user/max_user_namespaces")) else { return nil }
        let isAllowed = line("/proc/sys/kernel/unprivileged_userns_clone") != "0"
        let isConfined = line("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1"
        return most > 0 && isAllowed && !isConfined
    }

    /// From the table of mounts: version 2 at its place, the controllers of version 1 each in their own.
    private func readCgroups(_ features: inout KernelFeatures) {
        var unified: String?
        var controllers: Set<String> = []
        var hasFirst = false
        let known = Set([
            "cpu", "cpuset", "cpuacct", "memory", "pids", "blkio", "devices", "freezer", "net_cls", "net_prio",
            "perf_event", "hugetlb", "rdma", "misc",
        ])
        for line
            in (files.text("/proc/mounts", limit: 1 << 20) ?? files.text("/proc/self/mounts", limit: 1 << 20) ?? "")
            .split(separator: "\n")
        {
            let fields = line.split(separator: " ").map(String.init)
            guard fields.count >= 4 else { continue }
            if fields[2] == "cgroup2", unified == nil { unified = fields[1] }
            if fields[2] == "cgroup" {
                hasFirst = true
                controllers.formUnion(fields[3].split(separator: ",").map(String.init).filter(known.contains))
            }
        }
        if let unified {
            let words = (files.text("\(unified)/cgroup.controllers") ?? "").split(whereSeparator: \.isWhitespace)
            controllers.formUnion(words.prefix(64).map { Self.safe(String($0)) })
        }
        switch (hasFirst, unified != nil) {
        case (true, true): features.cgroupMode = .hybrid
        case (true, false): features.cgroupMode = .v1
        case (false, true): features.cgroupMode = .v2
        case (false, false): features.cgroupMode = .none
        }
        features.cgroupControllers = controllers.sorted()
    }
}
