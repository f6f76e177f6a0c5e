import AuroraSystem
import Glibc

/// Where everything of one demo lies: one folder, gone at the end.
struct DemoPlaces: Sendable {
    let root: String

    var state: String { root + "/hub" }
    var configuration: String { root + "/aurora.yaml" }
    var gnupg: String { root + "/gnupg" }
    var keyring: String { root + "/release-keys.asc" }
    var artifacts: String { root + "/artifacts" }
    var owenKey: String { root + "/owen.key" }
    /// The target's path: what runs is always what lies here.
    var target: String { root + "/srv/version-service" }
    /// The running service's program inside the target.
    var program: String { target + "/bin/version-service" }
    var hubLog: String { root + "/hub.log" }
    var hubOutput: String { root + "/hub.out" }
    var serviceLog: String { root + "/service.log" }

    /// The tree of one version, before it is packed.
    func tree(_ version: String) -> String { "\(root)/trees/\(version)" }

    /// The artifact of one version.
    func artifact(_ version: String) -> String { "\(artifacts)/version-service-\(version).tar.gz" }

    /// Makes the folders.
    static func make() throws -> DemoPlaces {
        let places = DemoPlaces(root: try TemporaryFolder.make("aurora-demo"))
        // The service and its tree are read by other users than the hub's.
        chmod(places.root, 0o755)
        try FolderMaker.make(places.artifacts, mode: 0o755)
        try FolderMaker.make(places.root + "/srv", mode: 0o755)
        try FolderMaker.make(places.gnupg)
        return places
    }

    /// Removes everything.
    func remove() { try? FileTree.remove(root) }
}
