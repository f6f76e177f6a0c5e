import AuroraSandbox

/// What the facts mean for running packs: each finding says what to do where something is short.
package enum DeviceDoctor {
    /// One thing that was looked at.
    package struct Finding: Hashable, Sendable {
        package let name: String
        package let isGood: Bool
        package let detail: String
        /// What to do; empty when all is well.
        package let remedy: String
    }

    /// Judges facts that were read before; nothing here stops a hub, so nothing is worse than a warning.
    package static func examine(_ facts: DeviceFacts) -> [Finding] {
        [machine(facts), time(facts), cgroups(facts), userNamespaces(facts)].compactMap { $0 } + rooms(facts)
            + [disk(facts), python(facts)].compactMap { $0 }
    }

    /// A pack that needs a missing layer is refused before anything changes; no pack runs weaker.
    private static func rooms(_ facts: DeviceFacts) -> [Finding] {
        guard let missing = facts.missingLayers else { return [] }
        guard !missing.isEmpty else {
            return [
                Finding(
                    name: "device: rooms", isGood: true, detail: "packs can have every layer of the sandbox", remedy: ""
                )
            ]
        }
        return missing.map {
            Finding(
                name: "device: rooms", isGood: false,
                detail: "packs cannot have the layer \($0.layer.rawValue): \($0.detail)",
                remedy: $0.remedy)
        }
    }

    private static func machine(_ facts: DeviceFacts) -> Finding {
        let board = facts.board.model.isEmpty ? "" : ", \(facts.board.model)"
        let container = facts.container == "none" ? "" : ", in a container (\(facts.container))"
        let cores = "\(facts.cores) core\(facts.cores == 1 ? "" : "s")"
        return Finding(
            name: "device", isGood: true,
            detail:
                "\(facts.system.name), \(facts.machine)\(board), \(cores), \(size(facts.memoryBytes)) memory\(container)",
            remedy: "")
    }

    private static func time(_ facts: DeviceFacts) -> Finding {
        let isGood = facts.time.isSynchronized == true
        let service = facts.time.service.isEmpty ? "no service was found" : facts.time.service
        return Finding(
            name: "device: time", isGood: isGood,
            detail: isGood ? "synchronized" : "not synchronized (\(service)): jobs that follow the calendar may wait",
            remedy: isGood ? "" : "start a time service: apt install systemd-timesyncd")
    }

    private static func cgroups(_ facts: DeviceFacts) -> Finding {
        let mode = facts.kernel.cgroupMode
        let missing = ["memory", "pids"].filter { !facts.kernel.cgroupControllers.contains($0) }
        let isGood = mode != .none && missing.isEmpty
        let controllers = facts.kernel.cgroupControllers.joined(separator: " ")
        return Finding(
            name: "device: cgroups", isGood: isGood,
            detail: isGood
                ? "\(mode.rawValue): \(controllers)"
                : "\(mode.rawValue), without \(missing.joined(separator: " and "))",
            remedy: isGood ? "" : "mount control groups with memory and pids, on a Raspberry Pi by cgroup_enable=memory"
        )
    }

    private static func userNamespaces(_ facts: DeviceFacts) -> Finding? {
        guard facts.kernel.userNamespaces == false else { return nil }
        return Finding(
            name: "device: user namespaces", isGood: false, detail: "closed to users other than root",
            remedy: "run Aurora as root, or open them: sysctl kernel.unprivileged_userns_clone=1")
    }

    private static func disk(_ facts: DeviceFacts) -> Finding? {
        guard let disk = facts.disk else { return nil }
        let isGood = disk.freeBytes >= 512 << 20
        let copies = facts.kernel.reflink == true ? "copies share blocks" : "snapshots are whole copies"
        return Finding(
            name: "device: disk", isGood: isGood,
            detail: "\(size(disk.freeBytes)) of \(size(disk.bytes)) free at \(disk.path), \(copies)",
            remedy: isGood ? "" : "free at least 512 MiB there, or name another folder with --state")
    }

    private static func python(_ facts: DeviceFacts) -> Finding? {
        guard !facts.interpreters.contains(where: { $0.name == "python3" }) else { return nil }
        return Finding(
            name: "device: python3", isGood: false, detail: "missing; most packs run with it",
            remedy: "apt install python3")
    }

    /// In MiB or GiB, with one decimal for the latter.
    static func size(_ bytes: UInt64) -> String {
        guard bytes >= 1 << 30 else { return "\(bytes >> 20) MiB" }
        let tenths = bytes / ((1 << 30) / 10)
        return "\(tenths / 10).\(tenths % 10) GiB"
    }
}
