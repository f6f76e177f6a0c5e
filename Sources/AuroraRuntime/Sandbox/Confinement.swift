package import AuroraSandbox

/// The room one pack or plugin runs in: what it sees, as whom, and how much it may use.
///
/// Whoever knows the pack makes it (from the manifest, the grants and the namespace registry); whoever runs programs only
/// carries it out. Inside, the code stands read-only at ``place``.
package struct Confinement: Hashable, Sendable {
    /// One folder or file of the host that appears inside.
    package struct Mount: Hashable, Sendable {
        /// Absolute path on the host; resolved without following links.
        package var host: String
        /// Absolute path inside.
        package var inside: String
        /// Whether programs inside may change it.
        package var isWritable: Bool

        /// Shows `host` at `inside`.
        package init(host: String, inside: String, isWritable: Bool = false) {
            self.host = host
            self.inside = inside
            self.isWritable = isWritable
        }
    }

    /// What of the network programs inside reach.
    package enum Network: Hashable, Sendable {
        /// An empty network namespace of their own.
        case none
        /// The host's network, unfiltered; raw, packet and netlink writes stay denied.
        case shared
    }

    /// Most that all programs inside may use together; nil is unlimited where the kernel allows it.
    package struct Limits: Hashable, Sendable {
        /// Bytes of memory, page cache of their own files and `/tmp` included.
        package var memoryBytes: UInt64 = 512 << 20
        /// Processes and threads.
        package var processes: UInt32 = 256
        /// Hundredths of one core, so 150 is one and a half cores; nil is no limit.
        package var cpuPercent: UInt32?
        /// Bytes of the private `/tmp`.
        package var temporaryBytes: UInt64 = 64 << 20
        /// Bytes of one file written.
        package var fileBytes: UInt64 = 1 << 30
        /// What the folders that it keeps things in may hold together.
        ///
        /// No kernel limit counts that; whoever made the room measures it before each opening and from time to time.
        package var storage = FileUsage(bytes: 4 << 30, files: 200_000)
        /// Open descriptors of one process.
        package var descriptors: UInt32 = 1024

        /// The limits of a pack that asks for none.
        package init() {}
    }

    /// The pack's or plugin's id: names its cgroup and is its host name.
    package var id: String
    /// The user and group, its own and nobody else's.
    package var identity: SandboxIdentity
    /// Absolute host path of the sealed tree that appears read-only at ``place``.
    package var code: String
    /// Where the code stands inside: absolute.
    package var place = "/pack"
    /// Where programs start inside.
    package var workingDirectory = "/pack"
    /// What appears beside it.
    package var mounts: [Mount] = []
    /// Symbolic links inside: absolute path and text.
    package var links: [String: String] = [:]
    /// The whole environment but PATH, HOME and LANG.
    package var environment: [String: String] = [:]
    package var network = Network.none
    package var limits = Limits()
    /// Layers that are not required because an operator signed for it, and what to show for it; checked by whoever makes
    /// the room.
    package var waivers: [SandboxLayer: String] = [:]

    /// A room without mounts, network or variables and with the usual limits.
    package init(id: String, identity: SandboxIdentity, code: String) {
        self.id = id
        self.identity = identity
        self.code = code
    }
}

extension Confinement {
    /// The layers' own description of this room.
    ///
    /// - Parameter isCounted: whether a cgroup holds the limits; otherwise those of each process stand in for them.
    func profile(isCounted: Bool) -> RoomProfile {
        let name = String(id.unicodeScalars.map { $0.isASCII && $0 > " " && $0 != "/" ? Character($0) : "-" })
        var profile = RoomProfile(hostname: String(name.prefix(63)), identity: identity, code: code)
        profile.mounts = mounts.map {
            RoomProfile.Mount(host: $0.host, inside: $0.inside, isWritable: $0.isWritable)
        }
        profile.place = place
        profile.workingDirectory = workingDirectory
        profile.links = links
        profile.environment = environment
        profile.hasNetwork = network == .shared
        profile.temporaryBytes = limits.temporaryBytes
        profile.limits = [
            ResourceLimit(.coreBytes, 0), ResourceLimit(.fileBytes, limits.fileBytes),
            ResourceLimit(.descriptors, UInt64(limits.descriptors)),
        ]
        // Counted for each user: only where the room has a user of its own is that the room's number.
        // Twice, because a pack may have two rooms for a while; the cgroup is what counts.
        if identity != .own { profile.limits.append(ResourceLimit(.processes, UInt64(limits.processes) * 2 + 32)) }
        if !isCounted { profile.limits.append(ResourceLimit(.dataBytes, limits.memoryBytes)) }
        return profile
    }
}

extension Confinement.Limits {
    /// What bubblewrap, the keeper and the programs may use together; the first two are not the pack's.
    var group: CgroupLimits {
        CgroupLimits(
            memoryBytes: memoryBytes, processes: processes == .max ? .max : processes + 2, cpuPercent: cpuPercent)
    }
}
