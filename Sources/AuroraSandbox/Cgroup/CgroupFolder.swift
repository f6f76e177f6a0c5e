import AuroraSystem
import Glibc

/// Aurora's folder in one hierarchy.
struct CgroupFolder: Hashable, Sendable {
    /// What the hierarchy is for.
    enum Kind: Hashable, Sendable {
        /// Version 2 with every controller.
        case all
        /// Version 2 without controllers, beside a version 1 without freezer: it kills.
        case kill
        /// One controller of version 1.
        case memory, pids, cpu, freezer
    }

    let kind: Kind
    /// `…/aurora`.
    let path: String
    /// The group above, whose controllers version 2 hands down.
    let parent: String

    private init(_ kind: Kind, below parent: String) {
        self.kind = kind
        self.parent = parent
        path = "\(parent)/aurora"
    }

    /// One for every hierarchy that is needed; the first one carries the locks.
    static func all(_ hierarchies: CgroupHierarchies) throws(SandboxRefusal) -> [CgroupFolder] {
        switch hierarchies.mode {
        case .v2:
            // Only the root of the tree may hold processes and hand controllers down; in any other group this process
            // moves out of the way. Root does so in a group that is its own, such as a unit with Delegate=yes.
            let own = hierarchies.ownGroup
            let isOwn = geteuid() != 0 || own.map(isDelegated) ?? false
            let parent = isOwn ? try moveToLeaf(of: own, hierarchies) : hierarchies.unifiedRoot
            return [CgroupFolder(.all, below: parent ?? "/sys/fs/cgroup")]
        case .v1, .hybrid:
            let wanted: [(Kind, String)] = [(.pids, "pids"), (.memory, "memory"), (.cpu, "cpu")]
            var folders: [CgroupFolder] = []
            for (kind, name) in wanted {
                guard let parent = hierarchies.controllers[name] else {
                    throw SandboxRefusal(
                        .cgroup, "the controller \(name) is not mounted",
                        remedy: "boot a kernel with it, without cgroup_disable=\(name)")
                }
                folders.append(CgroupFolder(kind, below: parent))
            }
            // The freezer first: joining a group of version 2 costs milliseconds, one of version 1 next to nothing.
            if let freezer = hierarchies.controllers["freezer"] {
                return folders + [CgroupFolder(.freezer, below: freezer)]
            }
            guard let unified = hierarchies.unified else {
                throw SandboxRefusal(
                    .cgroup, "neither the controller freezer nor cgroup2 is mounted",
                    remedy: "mount cgroup2 on /sys/fs/cgroup/unified")
            }
            return folders + [CgroupFolder(.kill, below: unified)]
        }
    }

    /// Whether systemd says that this group is its unit's to divide; version 251 and later tell everybody, others root.
    private static func isDelegated(_ group: String) -> Bool {
        ["trusted.delegate", "user.delegate"].contains { FileStatus.hasAttribute($0, at: group) }
    }

    /// The group itself, this process moved into a leaf of it.
    private static func moveToLeaf(
        of group: String?, _ hierarchies: CgroupHierarchies
    ) throws(SandboxRefusal) -> String? {
        guard let group, hierarchies.unified == group else { return group }
        do throws(SystemError) {
            try makeDirectory(group + CgroupHierarchies.leaf)
            try write("0", to: "\(group)\(CgroupHierarchies.leaf)/cgroup.procs")
        } catch {
            throw SandboxRefusal(.cgroup, "\(error)")
        }
        return group
    }

    /// Makes it, with every controller that groups in it need.
    func prepare() throws(SystemError) {
        try CgroupFolder.makeDirectory(path)
        guard kind == .all else { return }
        for folder in [parent, path] {
            try CgroupFolder.write("+memory +pids +cpu", to: "\(folder)/cgroup.subtree_control")
        }
    }

    /// What to write into a group's files for these limits.
    func settings(_ limits: CgroupLimits) -> [CgroupSetting] {
        let memory = limits.memoryBytes == .max ? kind == .all ? "max" : "-1" : String(limits.memoryBytes)
        let processes = limits.processes == .max ? "max" : String(limits.processes)
        switch kind {
        case .all:
            return [
                CgroupSetting(file: "memory.max", value: memory),
                CgroupSetting(file: "memory.swap.max", value: "0", isOptional: true),
                CgroupSetting(file: "memory.oom.group", value: "1"),
                CgroupSetting(file: "pids.max", value: processes),
            ] + (limits.cpuPercent.map { [CgroupSetting(file: "cpu.max", value: "\(UInt64($0) * 1000) 100000")] } ?? [])
        case .memory:
            // In this order: the sum of memory and swap is never below memory.
            return [
                CgroupSetting(file: "memory.limit_in_bytes", value: memory),
                CgroupSetting(file: "memory.memsw.limit_in_bytes", value: memory, isOptional: true),
            ]
        case .pids: return [CgroupSetting(file: "pids.max", value: processes)]
        case .cpu:
            guard let percent = limits.cpuPercent else { return [] }
            return [
                CgroupSetting(file: "cpu.cfs_period_us", value: "100000"),
                CgroupSetting(file: "cpu.cfs_quota_us", value: String(UInt64(percent) * 1000)),
            ]
        case .freezer, .kill: return []
        }
    }

    static func makeDirectory(_ path: String) throws(SystemError) {
        if mkdir(path, 0o755) != 0, errno != EEXIST { throw SystemError(operation: "mkdir", path: path, errno: errno) }
    }

    static func write(_ text: String, to path: String) throws(SystemError) {
        do throws(SystemError) {
            try Descriptor.open(path, .writeOnly).write(all: Array(text.utf8))
        } catch {
            throw SystemError(operation: "write", path: path, errno: error.errno)
        }
    }
}
