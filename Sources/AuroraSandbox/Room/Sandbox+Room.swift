import AuroraSystem
import Glibc

extension Sandbox {
    /// Opens a room: every layer is in place when this returns, and no program has run.
    ///
    /// Blocks for some milliseconds. The room ends with the calling thread at the latest.
    /// - Parameters:
    ///   - group: makes what the room is counted in and ended with; nil when a waiver stands for it.
    ///   - ask: may ask the keeper for programs while it is started; they run once every layer is in place.
    /// - Throws: the layer that is missing; then everything that was started for it has ended.
    package func open(
        _ profile: RoomProfile, in group: () throws(SandboxRefusal) -> Cgroup?, _ ask: (RoomKeeper) -> Void = { _ in }
    ) throws(SandboxRefusal) -> RoomKeeper {
        // First of all: starting the launcher takes as long as making what it waits for.
        let keeper = try startLauncher()
        let isRoot = SandboxIdentity.own.uid == 0
        let mounts = profile.allMounts(launcher: launcherPath)
        let sources = isRoot ? mounts.indices.map { "/mnt/\($0)" } : mounts.map(\.host)
        let opened = try OpenMounts(mounts)
        let arguments = try profile.arguments(sources: sources, specification: RoomNumbers.inner)
        let options = arguments.dropLast(3).reduce(into: [UInt8]()) { $0 += Array($1.utf8) + [0] }
        let inner = try memoryFile(RoomSpecs.inner(profile))
        let list = try SandboxRefusal.naming(.specification) { () throws(SystemError) in
            try Descriptor.inMemory(options)
        }
        let groups = try GroupFiles(group())
        var outer = RoomSpecs.outer(profile, isRoot: isRoot)
        outer.path = bubblewrap
        outer.arguments += Array(arguments.suffix(3))
        var passed = [inner.rawValue, list.rawValue]
        if isRoot { outer.shown = RoomNumbers.add(opened.numbers, to: &passed) }
        outer.groups = RoomNumbers.add(groups.numbers, to: &passed)
        let specification = try outer.encoded()
        try SandboxRefusal.naming(.specification) { () throws(SystemError) in
            try keeper.specify(specification, descriptors: passed)
        }
        ask(keeper)
        try RoomStart(keeper: keeper, configuration: profile.configuration).wait()
        return keeper
    }

    private func startLauncher() throws(SandboxRefusal) -> RoomKeeper {
        let diagnostics = try memoryFile([])
        do throws(SystemError) {
            let pair = try PacketPair()
            let spec = ProcessSpec(
                executable: launcher, arguments: leading + [String(RoomNumbers.status)], workingDirectory: "/",
                descriptors: [(RoomNumbers.socket, pair.far.rawValue), (RoomNumbers.status, pair.far.rawValue)])
            let process = try ChildProcess.start(spec, errorOutput: .descriptor(diagnostics.rawValue))
            return RoomKeeper(process: process, socket: pair.closeFar(), diagnostics: diagnostics)
        } catch {
            throw SandboxRefusal(.launcher, "\(launcher) cannot be started: \(error)")
        }
    }
}

/// The numbers of the descriptors that the launcher outside gets.
private enum RoomNumbers {
    /// The keeper's end of the socket, kept through bubblewrap.
    static let socket: Int32 = 3
    /// The socket again, for the launcher outside alone; its specification comes from it, with all that follows.
    static let status: Int32 = 4
    /// The specification of the launcher inside, kept through bubblewrap.
    static let inner: Int32 = 5
    /// bubblewrap's arguments.
    static let arguments: Int32 = 6

    /// Passes further descriptors; gives their numbers there.
    static func add(_ descriptors: [Int32], to passed: inout [Int32]) -> [UInt32] {
        let first = inner + Int32(passed.count)
        passed += descriptors
        return descriptors.indices.map { UInt32(bitPattern: first + Int32($0)) }
    }
}

/// The mounts' folders and files, opened without following a link, so that what is checked is what is shown.
private final class OpenMounts {
    private(set) var numbers: [Int32] = []

    init(_ mounts: [RoomProfile.Mount]) throws(SandboxRefusal) {
        for mount in mounts {
            let isLauncher = mount.inside == RoomProfile.launcher
            do throws(SystemError) {
                let opened =
                    try isLauncher ? Descriptor.open(mount.host, .pathOnly) : Descriptor.openPlain(mount.host)
                numbers.append(opened.release())
            } catch {
                if isLauncher { throw SandboxRefusal(.launcher, "\(error)") }
                throw SandboxRefusal(
                    .mounts, "\(mount.inside): \(error)",
                    remedy: "name an existing folder or file by a path without symbolic links")
            }
        }
    }

    deinit { for number in numbers { close(number) } }
}

/// The open `cgroup.procs` files of a group.
final class GroupFiles {
    private(set) var numbers: [Int32] = []

    init(_ group: Cgroup?) throws(SandboxRefusal) {
        for path in group?.processFiles ?? [] {
            let file = try SandboxRefusal.naming(.cgroup) { () throws(SystemError) in
                try Descriptor.open(path, .writeOnly)
            }
            numbers.append(file.release())
        }
    }

    deinit { for number in numbers { close(number) } }
}

/// The specifications of both launchers.
private enum RoomSpecs {
    /// Outside: group, limits, mounts, user, descriptors, then bubblewrap.
    static func outer(_ profile: RoomProfile, isRoot: Bool) -> LauncherSpec {
        var spec = LauncherSpec()
        spec.flags = [.dieWithParent, .noNewPrivileges]
        if isRoot, profile.configuration == .unprivileged { spec.flags.insert(.identity) }
        spec.uid = profile.identity.uid
        spec.gid = profile.identity.gid
        spec.status = UInt32(bitPattern: RoomNumbers.status)
        spec.kept = [RoomNumbers.socket, RoomNumbers.inner, RoomNumbers.arguments].map { UInt32(bitPattern: $0) }
        spec.limits = profile.limits
        spec.arguments = ["bwrap", "--args", String(RoomNumbers.arguments)]
        spec.environment = ["PATH=/usr/bin:/bin"]
        return spec
    }

    /// Inside: the user where it is still root, Landlock, seccomp, then the keeper.
    static func inner(_ profile: RoomProfile) throws(SandboxRefusal) -> [UInt8] {
        var spec = LauncherSpec()
        spec.flags = [.dieWithParent, .noNewPrivileges, .landlock, .seccomp, .keeper]
        if profile.configuration == .privileged { spec.flags.formUnion([.identity, .noCapabilities]) }
        if profile.hasNetwork { spec.flags.insert(.network) }
        spec.uid = profile.identity.uid
        spec.gid = profile.identity.gid
        spec.status = UInt32(bitPattern: RoomNumbers.socket)
        spec.landlockFloor = 2
        spec.rules = profile.landlock
        spec.seccomp = try profile.seccomp.compiled()
        spec.workingDirectory = profile.workingDirectory
        spec.environment = profile.variables
        return try spec.encoded()
    }
}
