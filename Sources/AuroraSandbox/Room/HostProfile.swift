import AuroraSystem

/// How programs run outside of any room: as whom, where, and with which variables; nothing else is inherited.
package struct HostProfile: Sendable {
    /// The user and group; another than the own one needs root.
    package var identity = SandboxIdentity.own
    /// The whole environment.
    package var environment: [String: String] = [:]
    package var workingDirectory = "/"
    /// Limits of each process.
    package var limits: [ResourceLimit] = [ResourceLimit(.coreBytes, 0)]

    package init() {}
}

extension Sandbox {
    /// Starts a keeper without a sandbox around it: it adopts what its programs leave behind and ends it with itself.
    ///
    /// It ends when this object or this process does. For programs that are trusted as far as their user goes.
    /// - Parameters:
    ///   - group: what everything is counted in and ended with; without one the keeper alone sees to the end.
    ///   - ask: may ask the keeper for programs while it is started.
    package func open(
        _ profile: HostProfile, in group: Cgroup?, _ ask: (RoomKeeper) -> Void = { _ in }
    ) throws(SandboxRefusal) -> RoomKeeper {
        var spec = LauncherSpec()
        spec.flags = [.noNewPrivileges, .keeper, .reaper]
        if profile.identity != .own { spec.flags.insert(.identity) }
        spec.uid = profile.identity.uid
        spec.gid = profile.identity.gid
        spec.status = UInt32(bitPattern: HostNumbers.socket)
        spec.limits = profile.limits
        spec.workingDirectory = profile.workingDirectory
        spec.environment = profile.environment.map { "\($0.key)=\($0.value)" }.sorted()
        let groups = try GroupFiles(group)
        spec.groups = groups.numbers.indices.map { UInt32(HostNumbers.first) + UInt32($0) }
        let passed = zip(spec.groups, groups.numbers).map { (child: Int32(bitPattern: $0), parent: $1) }
        let keeper = try start(spec, passed)
        ask(keeper)
        try RoomStart(keeper: keeper, configuration: nil).wait()
        return keeper
    }

    private func start(
        _ spec: LauncherSpec, _ passed: [(child: Int32, parent: Int32)]
    ) throws(SandboxRefusal) -> RoomKeeper {
        let file = try memoryFile(spec.encoded())
        let diagnostics = try memoryFile([])
        do throws(SystemError) {
            let pair = try PacketPair()
            let own = [
                (child: HostNumbers.socket, parent: pair.far.rawValue),
                (child: HostNumbers.file, parent: file.rawValue),
            ]
            let spec = ProcessSpec(
                executable: launcher, arguments: leading + [String(HostNumbers.file)], workingDirectory: "/",
                descriptors: own + passed)
            let process = try ChildProcess.start(spec, errorOutput: .descriptor(diagnostics.rawValue))
            return RoomKeeper(process: process, socket: pair.closeFar(), diagnostics: diagnostics, isOutermost: true)
        } catch {
            throw SandboxRefusal(.launcher, launcher, error)
        }
    }
}

/// The numbers of the descriptors that the launcher gets.
private enum HostNumbers {
    static let socket: Int32 = 3
    static let file: Int32 = 4
    static let first: Int32 = 5
}
