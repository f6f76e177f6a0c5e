import AuroraSystem
import Glibc

/// The part of the cgroup hierarchies that is Aurora's own: `aurora/<name>` below the group of this process.
///
/// Every group is locked (`flock(2)`) by the process that made it. A group whose lock can be had is left over from a
/// process that has died: ``sweep()`` kills what is in it and removes it. Safe from any thread and any process.
package struct CgroupTree: Sendable {
    /// What the machine offers.
    package let hierarchies: CgroupHierarchies
    /// Our folder in each hierarchy, the locked one first.
    let folders: [CgroupFolder]

    /// Finds where groups can be made, by making one.
    ///
    /// - Throws: what is missing, and the remedy.
    package static func find() throws(SandboxRefusal) -> CgroupTree {
        guard let hierarchies = CgroupHierarchies.detect() else {
            throw SandboxRefusal(.cgroup, "no cgroups are mounted", remedy: "mount cgroup2 on /sys/fs/cgroup")
        }
        let tree = CgroupTree(hierarchies: hierarchies, folders: try CgroupFolder.all(hierarchies))
        _ = try tree.make("probe", CgroupLimits(memoryBytes: 64 << 20, processes: 8)).remove(timeout: .seconds(1))
        return tree
    }

    /// Makes an empty group with limits.
    ///
    /// - Parameter name: what it is for; a number that makes it unique is appended.
    package func make(_ name: String, _ limits: CgroupLimits) throws(SandboxRefusal) -> Cgroup {
        let plain = String(name.unicodeScalars.map { $0.isASCII && $0 != "/" && $0 != "." ? Character($0) : "_" })
        let unique = "\(plain.prefix(100))-\(getpid())-\(CgroupNumber.next())"
        let lock = try SandboxRefusal.naming(.cgroup) { () throws(SystemError) in try makeLocked(unique) }
        let group = Cgroup(mode: hierarchies.mode, tree: self, name: unique, lock: lock)
        do throws(SystemError) {
            try group.apply(limits)
        } catch {
            _ = group.remove(timeout: .zero)
            throw SandboxRefusal(.cgroup, "\(error)")
        }
        return group
    }

    /// Ends and removes every group that a process which has died left behind.
    ///
    /// - Returns: the names of the groups that dead processes had left; not of one that its living owner has just let go.
    @discardableResult
    package func sweep() -> [String] {
        // Our folder may be gone where it is locked, and not in the other hierarchies.
        guard let first = folders.first, (try? first.prepare()) != nil,
            let parent = try? Descriptor.open(first.path, [.readOnly, .directory])
        else { return [] }
        guard flock(parent.rawValue, LOCK_EX) == 0, let names = try? DirectoryNames.read(in: first.path) else {
            return []
        }
        var found: [String] = []
        for name in names.compactMap(\.text) {
            guard let lock = try? Descriptor.open("\(first.path)/\(name)", [.readOnly, .directory]) else { continue }
            guard flock(lock.rawValue, LOCK_EX | LOCK_NB) == 0 else { continue }
            // Its owner may have removed it between the opening and the lock.
            guard (try? FileStatus.ifExists("\(first.path)/\(name)")) != nil else { continue }
            if Self.isOwnerDead(name) { found.append(name) }
            let group = Cgroup(mode: hierarchies.mode, tree: self, name: name, lock: lock)
            group.kill()
            _ = group.remove(timeout: .seconds(2))
        }
        found += removeOrphans()
        return found
    }

    /// Removes what is left of groups in the other hierarchies when somebody else, such as systemd with the unit of a
    /// killed core, has removed them where they are locked.
    ///
    /// A hierarchy may be shared with processes that lock elsewhere, so only what a dead process made is touched, and only
    /// empty groups can be removed. To be called with the lock of the folder, so that nobody is making a group.
    private func removeOrphans() -> [String] {
        let known = Set(((try? DirectoryNames.read(in: folders[0].path)) ?? []).compactMap(\.text))
        var found: Set<String> = []
        for folder in folders {
            for name in ((try? DirectoryNames.read(in: folder.path)) ?? []).compactMap(\.text)
            where !known.contains(name) && Self.isOwnerDead(name) {
                // What is no group but one of the kernel's files cannot be removed either.
                if rmdir("\(folder.path)/\(name)") == 0 { found.insert(name) }
            }
            if folder.kind != .all { rmdir(folder.path) }
        }
        return found.sorted()
    }

    /// Whether the process that a group's name names is gone; false for names of another kind.
    private static func isOwnerDead(_ name: String) -> Bool {
        let parts = name.split(separator: "-")
        guard parts.count > 2, let owner = Int32(parts[parts.count - 2]), owner > 0 else { return false }
        return kill(owner, 0) != 0 && errno == ESRCH
    }

    /// Makes the group's folder in every hierarchy, the lock taken before anybody else can see it unlocked.
    private func makeLocked(_ name: String) throws(SystemError) -> Descriptor {
        // Another process may remove the empty parent in between.
        for _ in 0..<100 {
            do throws(SystemError) {
                for folder in folders { try folder.prepare() }
                let parent = try Descriptor.open(folders[0].path, [.readOnly, .directory])
                guard flock(parent.rawValue, LOCK_EX) == 0 else { throw SystemError(operation: "flock", errno: errno) }
                for folder in folders { try CgroupFolder.makeDirectory("\(folder.path)/\(name)") }
                let lock = try Descriptor.open("\(folders[0].path)/\(name)", [.readOnly, .directory])
                guard flock(lock.rawValue, LOCK_EX | LOCK_NB) == 0 else {
                    throw SystemError(operation: "flock", path: name, errno: errno)
                }
                return lock
            } catch  where error.errno == ENOENT {
                continue
            }
        }
        throw SystemError(operation: "mkdir", path: folders[0].path, errno: ENOENT)
    }
}

/// Numbers that no two groups of a process share.
private enum CgroupNumber {
    private static let last = Monitor(0)

    static func next() -> Int {
        last.withLock { last in
            last += 1
            return last
        }
    }
}
