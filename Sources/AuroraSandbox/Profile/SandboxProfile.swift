package import AuroraSystem

/// What a child is allowed, from its user to its system calls; every layer named here must hold or it does not start.
package struct SandboxProfile: Sendable {
    /// For messages.
    package var name: String
    /// The user and group; the launcher drops supplementary groups with them.
    package var identity: SandboxIdentity
    /// Resource limits.
    package var limits: [ResourceLimit]
    /// The files the child may touch, or nothing when Landlock is not part of the profile.
    package var landlock: [LandlockRule]?
    /// The lowest Landlock ABI that will do; 2 has links between directories (Linux 5.19, Debian 12 has 6.1).
    package var landlockFloor: UInt32 = 2
    /// The system calls that are denied, or nothing when seccomp is not part of the profile.
    package var seccomp: SeccompProgram?
    /// The child's number of a directory that appears at `/mnt` in a user and mount namespace of its own.
    package var mountedDescriptor: Int32?
    /// The whole environment.
    package var environment: [String: String]
    /// The directory the child starts in.
    package var workingDirectory: String
    /// Longest run time; then the whole process group is killed.
    package var timeout: Duration
    /// Time between SIGTERM and SIGKILL.
    package var killGrace: Duration = .seconds(2)
    /// Bytes kept of each output stream.
    package var outputLimit: Int
    /// Ends the child early when it is raised.
    package var stop: StopSignal?

    /// The child that unpacks an artifact: it may make a tree below one directory descriptor and nothing else.
    ///
    /// - Parameters:
    ///   - directory: the child's number of the staging directory's descriptor.
    ///   - unpackedBytes: the largest file it may write.
    ///   - timeout: default 15 minutes.
    package static func unpack(
        directory: Int32, unpackedBytes: UInt64 = 8 << 30, timeout: Duration = .seconds(900)
    ) -> SandboxProfile {
        var profile = parse(timeout: timeout)
        profile.name = "unpack"
        profile.limits = [
            ResourceLimit(.coreBytes, 0), ResourceLimit(.addressSpace, memoryBytes),
            ResourceLimit(.fileBytes, unpackedBytes), ResourceLimit(.descriptors, 128),
            ResourceLimit(.cpuSeconds, UInt64(max(1, timeout.components.seconds))),
        ]
        profile.landlock?.append(LandlockRule(.descriptor(directory), .makeTree))
        return profile
    }

    /// The child that parses a small untrusted file from its standard input: it may touch no file but its libraries.
    package static func parse(timeout: Duration = .seconds(10)) -> SandboxProfile {
        SandboxProfile(
            name: "parse", identity: SandboxIdentity.unpack.whenRoot,
            limits: [
                ResourceLimit(.coreBytes, 0), ResourceLimit(.addressSpace, memoryBytes), ResourceLimit(.fileBytes, 0),
                ResourceLimit(.descriptors, 32), ResourceLimit(.cpuSeconds, UInt64(max(1, timeout.components.seconds))),
            ],
            landlock: MappedLibraries.rules() + [LandlockRule(.program, [.readFile, .execute])],
            seccomp: .untrustedParser, environment: ["LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"],
            workingDirectory: "/", timeout: timeout, outputLimit: 16 << 10)
    }

    /// The child that judges a signature: it reads the descriptors it was handed, computes, and prints a few lines.
    ///
    /// As ``parse(timeout:)``, with an allow-list of system calls and a user of its own.
    /// - Parameter timeout: an artifact of any size is read once; default 15 minutes.
    package static func signature(timeout: Duration = .seconds(900)) -> SandboxProfile {
        var profile = parse(timeout: timeout)
        profile.name = "signature"
        profile.identity = SandboxIdentity.signature.whenRoot
        profile.seccomp = .filter
        profile.environment = ["LC_ALL": "C", "TZ": "UTC"]
        profile.outputLimit = 256 << 10
        return profile
    }

    /// A command from the hub's own configuration (apply, health): its own user, nothing inherited, killed as a group.
    ///
    /// It is trusted as far as its user goes: no Landlock, no seccomp. Set-user-id programs gain nothing in it.
    package static func hostCommand(
        uid: UInt32, gid: UInt32, environment: [String: String] = [:], workingDirectory: String = "/",
        timeout: Duration = .seconds(30)
    ) -> SandboxProfile {
        let base = ["LANG": "C.UTF-8", "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"]
        return SandboxProfile(
            name: "command", identity: SandboxIdentity(uid: uid, gid: gid), limits: [ResourceLimit(.coreBytes, 0)],
            landlock: nil, seccomp: nil,
            environment: base.merging(environment) { $1 }, workingDirectory: workingDirectory, timeout: timeout,
            outputLimit: 64 << 10)
    }

    /// Address space of a parsing child: the decoders' 160 MiB, and what the program and its libraries map.
    private static let memoryBytes: UInt64 = 512 << 20
}
