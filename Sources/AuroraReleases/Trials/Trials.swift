import AuroraActivation
import AuroraApprovals
import AuroraAudit
import AuroraDatabase
package import AuroraModel
import AuroraSandbox
package import AuroraSystem
import Dispatch
import Glibc
import Synchronization

/// Tries a staged release before anyone approves it: the target's trial command in a sandboxed copy without network.
///
/// The copy appears at the target's own path inside the sandbox, so that absolute commands work; it is thrown away. A
/// sandbox that cannot be built is a result of its own (`refused`), never a weaker run. Thread-safe; blocks.
package final class Trials: Sendable {
    private let stager: Stager
    private let targets: Targets
    private let sandbox: Sandbox
    let changes: ChangeStore
    let latches: ChangeLatches
    let background: BackgroundChanges
    let database: Database
    let audit: AuditLog
    let clock: WallClock
    /// Takes words about faults that no request is there to be told of.
    let report: @Sendable (String) -> Void
    /// Trials in the background, by target; each of them waits for a command.
    let queues = Mutex<[TargetName: DispatchQueue]>([:])

    init(
        stager: Stager, targets: Targets, sandbox: Sandbox, changes: ChangeStore, latches: ChangeLatches,
        background: BackgroundChanges, database: Database, audit: AuditLog, clock: WallClock,
        report: @escaping @Sendable (String) -> Void
    ) {
        self.changes = changes
        self.latches = latches
        self.background = background
        self.report = report
        self.stager = stager
        self.targets = targets
        self.sandbox = sandbox
        self.database = database
        self.audit = audit
        self.clock = clock
    }

    /// Runs the trial of a staged release for a target and remembers its result; plans made from now on show it.
    ///
    /// - Parameters:
    ///   - stop: Ends the command early; with none, the end of the hub does.
    ///   - mayEnd: Asked when the command has ended; what it throws leaves no result behind.
    /// - Returns: nil when the target has no trial or health command.
    /// - Throws: `Refusal`: `release_unknown`, `target_unknown`, `server_stopping`.
    @discardableResult
    package func run(
        _ artifact: Digest, on name: TargetName, by actor: Actor, stop: StopSignal? = nil,
        mayEnd: () throws -> Void = {}
    ) throws -> PlanTrial? {
        let target = try targets.find(name)
        let release = try stager.release(artifact)
        guard !target.settings.trial.isEmpty else { return nil }
        let signal = stop ?? latches.interruption
        try requireServing(artifact, stop) { try stager.materialise(release, on: target, stop: signal) }
        let trial = try requireServing(artifact, stop) { try attempt(release.tree, on: target, signal) }
        try mayEnd()
        let now = clock.now()
        let entry = AuditEntry.accepted(
            .releaseTry, by: actor, subject: artifact.hex, at: now,
            details: [
                ("target", name.text), ("result", trial.state.rawValue), ("tree", release.tree.hex),
                ("exit", trial.exitCode.map { "\($0)" } ?? ""),
            ])
        let audit = audit
        try database.write { transaction in
            try TrialStore.put(trial, of: release.tree, on: name, by: actor.name, at: now, in: transaction)
            _ = try audit.append(entry, in: transaction)
        }
        return trial
    }

    /// The last result for a tree on a target.
    package func result(of tree: Digest, on target: TargetName) throws -> PlanTrial? {
        try database.read { try TrialStore.trial(of: tree, on: target, in: $0) }
    }

    /// What a trial without a change makes of a child that was cut off: nothing of it is kept, and it is tried again.
    private func requireServing<T>(_ artifact: Digest, _ stop: StopSignal?, _ step: () throws -> T) throws -> T {
        let result = Result { try step() }
        guard stop != nil || !latches.isInterrupted else { throw ChangeRefusals.stopping(.trial, of: artifact.hex) }
        return try result.get()
    }

    private func attempt(_ tree: Digest, on target: Target, _ stop: StopSignal?) throws -> PlanTrial {
        let staging = try target.engine.stagingDirectory()
        defer { try? FileTree.remove(staging) }
        let copy = staging + "/tree"
        try FileTree.copy(from: target.engine.treePath(tree), to: copy)
        let root = try FileTree.open(copy)
        try Self.give(root, to: SandboxIdentity.trial.whenRoot)
        var profile = BubblewrapProfile(mountPoint: target.description.path)
        profile.environment = ["AURORA_TRIAL": "1", "AURORA_PATH": target.description.path]
        profile.timeout = target.settings.healthTimeout
        profile.stop = stop
        do throws(SandboxRefusal) {
            let result = try sandbox.runTrial(profile, tree: root.rawValue, command: target.settings.trial)
            return Self.trial(result)
        } catch {
            return PlanTrial(state: .refused, exitCode: nil, output: "\(error)".printable(limit: 1000))
        }
    }

    private static func trial(_ result: ProcessResult) -> PlanTrial {
        let output = CommandOutput.text(result)
        return switch result.outcome {
        case .exited(0): PlanTrial(state: .passed, exitCode: 0, output: output)
        case .exited(let code): PlanTrial(state: .failed, exitCode: Int64(code), output: output)
        case .signalled, .stopped: PlanTrial(state: .failed, exitCode: nil, output: output)
        case .timedOut: PlanTrial(state: .timedOut, exitCode: nil, output: output)
        }
    }

    /// Hands the copy to the user the trial runs as, so that the command may write in it as a service would.
    private static func give(_ root: borrowing Descriptor, to identity: SandboxIdentity) throws {
        try FileTree.visit(root.rawValue) { (entry, location) throws(SystemError) in
            let result = fchownat(
                location.directory, location.name, identity.uid, identity.gid, AT_SYMLINK_NOFOLLOW)
            if result != 0 { throw SystemError(operation: "fchownat", path: entry.path, errno: errno) }
        }
        if fchown(root.rawValue, identity.uid, identity.gid) != 0 {
            throw SystemError(operation: "fchown", errno: errno)
        }
    }
}
