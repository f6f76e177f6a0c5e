import AuroraActivation
import AuroraAudit
import AuroraDatabase
package import AuroraModel
import AuroraSandbox
import AuroraSystem

/// The registered targets of this hub.
///
/// Fixed after start; thread-safe.
package final class Targets: Sendable {
    private let targets: [Target]
    private let database: Database
    private let audit: AuditLog
    private let clock: WallClock

    /// Opens every target: state folder, file system check, lock.
    ///
    /// - Throws: `ActivationError` of the first target that cannot be opened; `Refusal` for names or paths used twice.
    init(
        _ settings: [TargetSettings], sandbox: Sandbox, database: Database, audit: AuditLog, clock: WallClock
    ) throws {
        self.database = database
        self.audit = audit
        self.clock = clock
        var targets: [Target] = []
        for setting in settings {
            let description = setting.description
            if targets.contains(where: { $0.name == description.name || $0.description.path == description.path }) {
                throw TargetRefusals.twice(description)
            }
            let engine = try ActivationEngine(
                target: description.path, kind: description.kind, keep: setting.keep, clock: clock)
            targets.append(Target(settings: setting, engine: engine, sandbox: sandbox))
        }
        self.targets = targets
    }

    /// All targets in the order of the configuration.
    package func all() -> [Target] { targets }

    /// The only registered target; nil when there are none or several.
    var only: Target? { targets.count == 1 ? targets.first : nil }

    /// The target of a name, or of its exact path; nil means the only one.
    ///
    /// - Throws: `Refusal`: `target_unknown`, or `target_required` listing the choices.
    package func find(_ nameOrPath: String?) throws(Refusal) -> Target {
        guard let nameOrPath else {
            guard let only else { throw TargetRefusals.required(known: targets.map(\.name)) }
            return only
        }
        let found = targets.first { $0.name.text == nameOrPath || $0.description.path == nameOrPath }
        guard let found else { throw TargetRefusals.unknown(nameOrPath, known: targets.map(\.name)) }
        return found
    }

    /// The target of a name.
    package func find(_ name: TargetName) throws(Refusal) -> Target { try find(name.text) }

    /// Everything about one target; reads every byte of the active tree to find drift unless told otherwise.
    package func status(_ name: TargetName, withDrift: Bool = true) throws -> TargetStatus {
        let target = try find(name)
        let active = target.engine.active
        let release = try active?.artifact.flatMap { artifact in
            try database.read { try ReleaseStore.release(artifact, in: $0) }
        }
        return TargetStatus(
            description: target.description, active: active, release: release,
            rollbackTarget: target.engine.rollbackTarget, generations: target.engine.generations(),
            drift: withDrift ? try target.driftNow() : nil, blocked: target.engine.blocked(),
            degraded: target.engine.degraded, change: target.change, apply: target.settings.apply,
            health: target.settings.health)
    }

    /// Lets a digest that failed on a target be planned and activated there again.
    ///
    /// - Throws: `Refusal`: `target_unknown`, `block_unknown`, `reason_required`.
    package func clearBlock(_ tree: Digest, on name: TargetName, reason: String, by actor: Actor) throws {
        let target = try find(name)
        guard !reason.isEmpty else { throw TargetRefusals.reasonRequired(subject: tree.hex, length: 1) }
        let entry = AuditEntry.accepted(
            .targetUnblock, by: actor, subject: name.text, at: clock.now(), reason: reason,
            details: [("tree", tree.hex)])
        let audit = audit
        // The target first, then the database, in the order in which a running change takes them.
        try target.exclusively { engine in
            guard engine.blocked().contains(where: { $0.tree == tree }) else {
                throw TargetRefusals.blockUnknown(tree, on: name)
            }
            try database.write { transaction in
                _ = try audit.append(entry, in: transaction)
                try engine.clearBlock(tree)
            }
        }
    }
}
