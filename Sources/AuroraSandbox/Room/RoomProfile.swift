import AuroraSystem

/// Everything about one room: what programs in it see, as whom they run, and what they may use.
///
/// The values come from whoever knows the pack; a path that was not built here is refused. See docs/explanation/sandbox.md.
package struct RoomProfile: Sendable {
    /// One folder or file of the host that appears inside.
    package struct Mount: Hashable, Sendable {
        /// Absolute path on the host, without links.
        package var host: String
        /// Absolute path inside.
        package var inside: String
        /// Whether programs may change it.
        package var isWritable: Bool

        /// Shows `host` at `inside`.
        package init(host: String, inside: String, isWritable: Bool = false) {
            self.host = host
            self.inside = inside
            self.isWritable = isWritable
        }
    }

    /// Where the launcher appears.
    package static let launcher = "/.aurora-launcher"

    /// The host name inside.
    package var hostname: String
    /// The user and group of every program; never root.
    package var identity: SandboxIdentity
    /// How the namespaces are made.
    package var configuration = SandboxConfiguration.unprivileged
    /// Absolute host path of the folder that appears read-only at ``place``.
    package var code: String
    /// Where the code appears inside.
    package var place = "/pack"
    /// Where programs start inside.
    package var workingDirectory = "/pack"
    /// Symbolic links inside: absolute path and text.
    package var links: [String: String] = [:]
    /// What appears beside it.
    package var mounts: [Mount] = []
    /// Variables of every program beside PATH, HOME and LANG.
    package var environment: [String: String] = [:]
    /// Whether the host's network is there.
    package var hasNetwork = false
    /// Bytes of the private `/tmp`, and of `/dev/shm`.
    package var temporaryBytes: UInt64 = 64 << 20
    /// Limits of each process.
    package var limits: [ResourceLimit] = [ResourceLimit(.coreBytes, 0)]

    /// A room with code alone.
    package init(hostname: String, identity: SandboxIdentity, code: String) {
        self.hostname = hostname
        self.identity = identity
        self.code = code
    }

    /// The whole environment of the programs.
    var variables: [String] {
        let own = ["PATH": "/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8"]
        return own.merging(environment) { mine, _ in mine }.map { "\($0.key)=\($0.value)" }.sorted()
    }

    /// The mounts in order, with those of the launcher and of the code.
    func allMounts(launcher: String) -> [Mount] {
        [Mount(host: launcher, inside: RoomProfile.launcher), Mount(host: code, inside: place)] + mounts
    }

    /// bubblewrap's arguments.
    ///
    /// - Parameters:
    ///   - sources: where bubblewrap finds each of ``allMounts(launcher:)``.
    ///   - specification: the number of the descriptor that the launcher inside reads.
    /// - Throws: when a place inside is not plain, is taken, or lies in another mount.
    package func arguments(sources: [String], specification: Int32) throws(SandboxRefusal) -> [String] {
        try check()
        var world = BubblewrapWorld(
            configuration: configuration, hostname: hostname, temporaryBytes: temporaryBytes,
            workingDirectory: workingDirectory)
        world.links = links.sorted { $0.key < $1.key }.map { (place: $0.key, text: $0.value) }
        world.hasNetwork = hasNetwork
        world.isFirstProcess = true
        world.mounts = zip(allMounts(launcher: ""), sources).map { mount, source in
            BubblewrapWorld.Mount(source: source, place: mount.inside, isWritable: mount.isWritable)
        }
        return world.arguments(command: [RoomProfile.launcher, String(specification)])
    }

    /// What programs inside may do with which files.
    package var landlock: [LandlockRule] {
        let system = [
            LandlockRule(.path("/"), .readDirectory), LandlockRule(.path("/usr"), .use),
            LandlockRule(.optionalPath("/etc"), .read), LandlockRule(.path("/proc"), .read),
            LandlockRule(.path("/dev"), .device),
            LandlockRule(.path("/dev/shm"), .keep), LandlockRule(.path("/tmp"), .keep),
            LandlockRule(.path(place), .use),
        ]
        return system + mounts.map { LandlockRule(.path($0.inside), $0.isWritable ? .keep : .use) }
    }

    /// The system calls that are denied.
    package var seccomp: SeccompProgram { hasNetwork ? .base : .withoutNetwork }

    private func check() throws(SandboxRefusal) {
        guard identity.uid != 0, identity.gid != 0 else {
            throw SandboxRefusal(
                .identity, "\(hostname) would run as root", remedy: "give it a user and group of its own")
        }
        let name = hostname.utf8
        guard !name.isEmpty, name.count <= 63, name.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != 0x2f }) else {
            throw SandboxRefusal(.bubblewrap, "'\(hostname)' is no host name", remedy: "use 1 to 63 plain characters")
        }
        var places: [String] = []
        guard BubblewrapWorld.isPlain(workingDirectory) else {
            throw SandboxRefusal(
                .workingDirectory, "programs cannot start in \(workingDirectory)",
                remedy: "use an absolute path inside without '..'")
        }
        for place in allMounts(launcher: "").map(\.inside) + links.keys.sorted() {
            let isTaken =
                BubblewrapWorld.own.union(["tmp"]).contains(BubblewrapWorld.top(place))
                || places.contains { $0 == place || place.hasPrefix($0 + "/") || $0.hasPrefix(place + "/") }
            guard BubblewrapWorld.isPlain(place), !isTaken else {
                throw SandboxRefusal(
                    .mounts, "nothing can be shown at \(place)",
                    remedy: "use an absolute path without '..' outside the system's own folders and other mounts")
            }
            places.append(place)
        }
    }
}
