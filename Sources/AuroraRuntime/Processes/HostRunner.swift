package import AuroraSandbox
import AuroraSystem
import Synchronization

/// Runs programs outside of any room, to their end or in the background, and ends the whole tree of each.
///
/// For programs that are trusted as far as their user goes; packs and plugins run in rooms (``ConfinedRunner``). Nothing
/// is inherited but the variables that are named, no shell is in between, and a program's detached grandchildren end with
/// it: by the kill of its cgroup where there is one, by the keeper that adopted them otherwise. Safe from any thread.
package final class HostRunner: Sendable {
    private let sandbox: Sandbox
    private let tree = Mutex<Known>(.unknown)

    private enum Known {
        case unknown
        case none(SandboxRefusal)
        case found(CgroupTree)
    }

    /// Starts programs through this launcher.
    ///
    /// - Parameter usesGroups: whether cgroups are looked for at all.
    package init(sandbox: Sandbox, usesGroups: Bool = true) {
        self.sandbox = sandbox
        if !usesGroups {
            tree.withLock { $0 = .none(SandboxRefusal(.cgroup, "cgroups are not wanted")) }
        }
    }

    /// Runs one program and waits; everything it started is dead when this returns.
    ///
    /// - Parameter command: the program's absolute path and its arguments.
    package func run(
        _ command: [String], _ host: HostCommand = HostCommand(), _ options: ConfinedRun = ConfinedRun()
    ) throws(SandboxRefusal) -> ConfinedResult {
        try Room.run(command, options, in: opening(host))
    }

    /// Starts a keeper for programs in the background; they end with it, at the latest with this process.
    ///
    /// - Parameter output: receives what they write, for as long as any of them lives.
    package func open(
        _ host: HostCommand = HostCommand(), output: any OutputSink
    ) throws(SandboxRefusal) -> any OpenRoom {
        try Room(opening(host), output: output)
    }

    private func opening(_ host: HostCommand) throws(SandboxRefusal) -> RoomOpening {
        let group = try group(host)
        let profile = host.profile
        return RoomOpening(
            group: { group },
            start: { [sandbox] (group, ask) throws(SandboxRefusal) in try sandbox.open(profile, in: group(), ask) })
    }

    /// A group to end things with where the machine has one; it must be there when limits are asked for.
    private func group(_ host: HostCommand) throws(SandboxRefusal) -> Cgroup? {
        let known = tree.withLock { known in
            if case .unknown = known {
                do throws(SandboxRefusal) { known = .found(try CgroupTree.find()) } catch { known = .none(error) }
            }
            return known
        }
        switch (known, host.together) {
        case (.found(let tree), let limits): return try tree.make(host.name, limits ?? .unlimited)
        case (.none(let refusal), .some): throw refusal
        case (.none, nil), (.unknown, _): return nil
        }
    }
}

/// How a program outside of any room is run.
package struct HostCommand: Sendable {
    /// For the cgroup's name.
    package var name = "host"
    /// The user and group; another than the own one needs root.
    package var identity = SandboxIdentity.own
    /// Variables and their values.
    package var environment: [String: String] = [:]
    /// Names of variables that are taken over from this process where it has them.
    package var inherited: Set<String> = ["LANG", "PATH", "TZ"]
    package var workingDirectory = "/"
    /// Limits of each process.
    package var limits: [ResourceLimit] = [ResourceLimit(.coreBytes, 0)]
    /// Limits of all of them together; needs cgroups.
    package var together: CgroupLimits?

    package init() {}

    var profile: HostProfile {
        var profile = HostProfile()
        profile.identity = identity
        profile.environment = Environment.all.filter { inherited.contains($0.key) }.merging(environment) { $1 }
        profile.workingDirectory = workingDirectory
        profile.limits = limits
        return profile
    }
}
