import AuroraSystem

/// Where this machine has its cgroups: version 2 alone, version 1 alone, or both (`cgroups(7)`).
package struct CgroupHierarchies: Hashable, Sendable {
    /// Which controllers are where.
    package enum Mode: String, Hashable, Sendable, Codable {
        /// One tree with every controller.
        case v2
        /// A tree for each controller.
        case v1
        /// A tree for each controller, and a version 2 tree without any.
        case hybrid
    }

    package let mode: Mode
    /// The folder of this process in the version 2 tree; nil where there is none.
    let unified: String?
    /// The root of the version 2 tree.
    let unifiedRoot: String?
    /// The folder of this process in each version 1 controller's tree.
    let controllers: [String: String]

    /// The leaf of version 2 that a process moves into, so that its group can be divided.
    static let leaf = "/aurora-main"

    /// The group of version 2 that this process was started in.
    var ownGroup: String? {
        unified.map { $0.hasSuffix(Self.leaf) ? String($0.dropLast(Self.leaf.utf8.count)) : $0 }
    }

    /// Reads what the kernel says about mounts and about this process; nil where no cgroups are mounted.
    package static func detect() -> CgroupHierarchies? {
        guard let mounts = text("/proc/self/mounts"), let own = text("/proc/self/cgroup") else { return nil }
        return parse(mounts: mounts, own: own)
    }

    /// What `/proc/self/mounts` and `/proc/self/cgroup` say.
    package static func parse(mounts: String, own: String) -> CgroupHierarchies? {
        let paths = ownPaths(own)
        var controllers: [String: String] = [:]
        var roots: [String] = []
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count >= 4 else { continue }
            let place = String(fields[1])
            if fields[2] == "cgroup2" { roots.append(place) }
            guard fields[2] == "cgroup" else { continue }
            for option in fields[3].split(separator: ",") {
                let name = String(option)
                if let path = paths[name], known.contains(name) { controllers[name] = join(place, path) }
            }
        }
        let root = roots.first
        let unified = root.map { join($0, paths[""] ?? "/") }
        if controllers.isEmpty, root == nil { return nil }
        let mode: Mode = controllers.isEmpty ? .v2 : root == nil ? .v1 : .hybrid
        return CgroupHierarchies(mode: mode, unified: unified, unifiedRoot: root, controllers: controllers)
    }

    private static let known: Set<String> = ["memory", "pids", "cpu", "freezer"]

    /// Controller to path; the version 2 tree has the empty name.
    private static func ownPaths(_ own: String) -> [String: String] {
        var paths: [String: String] = [:]
        for line in own.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            for name in fields[1].split(separator: ",", omittingEmptySubsequences: false) {
                paths[String(name)] = String(fields[2])
            }
        }
        return paths
    }

    private static func join(_ place: String, _ path: String) -> String { path == "/" ? place : place + path }

    private static func text(_ path: String) -> String? {
        (try? Descriptor.open(path, .readOnly).readAll(limit: 4 << 20)).map { String(decoding: $0, as: UTF8.self) }
    }
}
