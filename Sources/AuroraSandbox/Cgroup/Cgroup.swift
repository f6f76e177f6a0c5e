import AuroraSystem
import Glibc

/// One group: what joins it is counted, limited and ended together, whatever it forks or detaches.
///
/// Made by ``CgroupTree/make(_:_:)``; removed by ``remove(timeout:)`` or, after a crash, by ``CgroupTree/sweep()``. Safe
/// from any thread.
package final class Cgroup: Sendable {
    package let name: String
    private let mode: CgroupHierarchies.Mode
    private let tree: CgroupTree
    /// Held open: its lock says that this process uses the group.
    private let lock: Descriptor

    init(mode: CgroupHierarchies.Mode, tree: CgroupTree, name: String, lock: consuming Descriptor) {
        self.mode = mode
        self.tree = tree
        self.name = name
        self.lock = lock
    }

    /// Its folder on the host, in the hierarchy that ``CgroupTree`` locks it by.
    package var path: String { tree.folders.first.map { "\($0.path)/\(name)" } ?? name }

    /// The files into which a process of one thread writes `0` to join.
    ///
    /// Version 1 lets a thread move itself alone: joining by `tasks` takes no lock over all processes, which by
    /// `cgroup.procs` costs milliseconds for each hierarchy (docs/decisions/0015-where-cgroups-are-made.md).
    package var processFiles: [String] {
        tree.folders.map { folder in
            let isVersion1 = folder.kind != .all && folder.kind != .kill
            return "\(folder.path)/\(name)/\(isVersion1 ? "tasks" : "cgroup.procs")"
        }
    }

    func apply(_ limits: CgroupLimits) throws(SystemError) {
        for folder in tree.folders {
            for setting in folder.settings(limits) {
                do throws(SystemError) {
                    try CgroupFolder.write(setting.value, to: "\(folder.path)/\(name)/\(setting.file)")
                } catch  where setting.isOptional && (error.errno == ENOENT || error.errno == EOPNOTSUPP) {
                    continue
                }
            }
        }
    }

    /// How many processes the kernel has killed in it because memory ran out.
    package var memoryKills: Int {
        let events = mode == .v2 ? read(.all, "memory.events") : read(.memory, "memory.oom_control")
        return CgroupText.number(after: "oom_kill", in: events) ?? 0
    }

    /// How often a process or thread was refused because there were too many.
    package var processRefusals: Int {
        CgroupText.number(after: "max", in: read(mode == .v2 ? .all : .pids, "pids.events")) ?? 0
    }

    /// Periods in which everything in it had to wait because its processor time was used up.
    package var throttledPeriods: Int {
        CgroupText.number(after: "nr_throttled", in: read(mode == .v2 ? .all : .cpu, "cpu.stat")) ?? 0
    }

    /// The processes in it as this process sees them, without those that have ended and wait to be collected.
    package var processes: [Int32] {
        read(mode == .v2 ? .all : .pids, "cgroup.procs").split(separator: "\n").compactMap { Int32($0) }
    }

    /// Whether nothing is left in it; a process that has ended and was not collected is something.
    package var isEmpty: Bool {
        if mode == .v2 { return CgroupText.number(after: "populated", in: read(.all, "cgroup.events")) != 1 }
        return read(.pids, "pids.current").trimmedNumber == 0
    }

    /// Kills everything in it at once (SIGKILL).
    package func kill() {
        guard let folder = tree.folders.first(where: { [.all, .kill, .freezer].contains($0.kind) }) else { return }
        let group = "\(folder.path)/\(name)"
        if folder.kind != .freezer, (try? CgroupFolder.write("1", to: "\(group)/cgroup.kill")) != nil { return }
        // Frozen, none of them forks away; a signal is delivered when they thaw.
        let state = "\(group)/freezer.state"
        let isFreezer = folder.kind == .freezer
        if isFreezer { try? CgroupFolder.write("FROZEN", to: state) }
        for pid in processes { Glibc.kill(pid, SIGKILL) }
        if isFreezer { try? CgroupFolder.write("THAWED", to: state) }
    }

    /// Waits until it is empty, killing what is left, and removes it.
    ///
    /// - Returns: the processes that were still there when `timeout` was over; then the group stays.
    package func remove(timeout: Duration) -> [Int32] {
        let deadline = ContinuousClock.now + timeout
        var pause: UInt32 = 200
        while !isEmpty {
            kill()
            if ContinuousClock.now >= deadline { return processes }
            // Neither version tells about the end of zombies in a way that can be waited for.
            usleep(pause)
            pause = min(pause * 2, 20_000)
        }
        for folder in tree.folders { rmdir("\(folder.path)/\(name)") }
        // Our own empty folder goes as well: the group above may have to be removed by whoever made it.
        for folder in tree.folders where folder.kind != .all { rmdir(folder.path) }
        return []
    }

    private func read(_ kind: CgroupFolder.Kind, _ file: String) -> String {
        guard let folder = tree.folders.first(where: { $0.kind == kind }),
            let bytes = try? Descriptor.open("\(folder.path)/\(name)/\(file)", .readOnly).readAll(limit: 1 << 20)
        else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The kernel's own text in files of a group.
enum CgroupText {
    /// The number on the line that begins with `key`.
    static func number(after key: String, in text: String) -> Int? {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == key { return Int(words[1]) }
        }
        return nil
    }
}

extension String {
    fileprivate var trimmedNumber: Int? { Int(split { $0 == "\n" || $0 == " " }.first ?? "") }
}
