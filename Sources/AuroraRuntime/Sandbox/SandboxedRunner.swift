package import AuroraSandbox
import AuroraSystem
import Synchronization

/// The real ``ConfinedRunner``: bubblewrap, Landlock, seccomp and a cgroup around everything it runs.
///
/// What the machine cannot do is found out by doing it, once, when the first room is opened: the configuration of the
/// namespaces and the place of the cgroups. Safe from any thread.
package final class SandboxedRunner: ConfinedRunner {
    private let sandbox: Sandbox
    private let machine: Mutex<SandboxMachine>

    /// Starts rooms with this launcher.
    ///
    /// - Parameter configuration: how the namespaces are made; nil tries, and takes what the machine allows.
    package init(sandbox: Sandbox, configuration: SandboxConfiguration? = nil) {
        self.sandbox = sandbox
        machine = Mutex(SandboxMachine(configuration: configuration))
    }

    package func run(
        _ command: [String], in room: Confinement, _ options: ConfinedRun
    ) throws(SandboxRefusal) -> ConfinedResult {
        try Room.run(command, options, in: start(room))
    }

    package func open(_ room: Confinement, output: any OutputSink) throws(SandboxRefusal) -> any OpenRoom {
        try Room(start(room), output: output)
    }

    /// Ends what an earlier run of this program left in its cgroups; to be called once, before the first room.
    ///
    /// - Returns: the names of the groups that were found.
    @discardableResult
    package func sweepLeftovers() throws(SandboxRefusal) -> [String] {
        try groups().sweep()
    }

    /// What is there stays so for this process; what is missing is looked for again each time.
    package func missingLayers() -> [SandboxRefusal] {
        var missing: [SandboxRefusal] = []
        do throws(SandboxRefusal) { _ = try groups() } catch { missing.append(error) }
        do throws(SandboxRefusal) { _ = try configuration() } catch { missing.append(error) }
        return missing
    }

    /// What rooms lack on this machine when they are made by the launcher installed with this program.
    package static func missingHere() -> [SandboxRefusal] {
        do throws(SandboxRefusal) {
            return SandboxedRunner(sandbox: Sandbox(launcherPath: try Sandbox.installedLauncher())).missingLayers()
        } catch {
            return [error]
        }
    }

    private func start(_ room: Confinement) throws(SandboxRefusal) -> RoomOpening {
        let isWaived = room.waivers[.cgroup] != nil
        let tree = isWaived ? nil : try groups()
        var profile = room.profile(isCounted: tree != nil)
        profile.configuration = try configuration()
        let ready = profile
        return RoomOpening(
            group: { () throws(SandboxRefusal) in try tree?.make(room.id, room.limits.group) },
            start: { [sandbox] (group, ask) throws(SandboxRefusal) in try sandbox.open(ready, in: group, ask) })
    }

    private func groups() throws(SandboxRefusal) -> CgroupTree {
        let answer: Result<CgroupTree, SandboxRefusal> = machine.withLock { machine in
            do throws(SandboxRefusal) { return .success(try machine.groups()) } catch { return .failure(error) }
        }
        return try answer.get()
    }

    private func configuration() throws(SandboxRefusal) -> SandboxConfiguration {
        let answer: Result<SandboxConfiguration, SandboxRefusal> = machine.withLock { [sandbox] machine in
            do throws(SandboxRefusal) { return .success(try machine.configuration(sandbox)) } catch {
                return .failure(error)
            }
        }
        return try answer.get()
    }
}

/// What was found out about the machine.
private struct SandboxMachine {
    private var known: SandboxConfiguration?
    private var tree: CgroupTree?

    init(configuration: SandboxConfiguration?) { known = configuration }

    mutating func groups() throws(SandboxRefusal) -> CgroupTree {
        if let tree { return tree }
        let found = try CgroupTree.find()
        tree = found
        return found
    }

    mutating func configuration(_ sandbox: Sandbox) throws(SandboxRefusal) -> SandboxConfiguration {
        if let known { return known }
        let found = try RoomProbe.configuration(sandbox)
        known = found
        return found
    }
}
