import AuroraActivation
import AuroraApprovals
import AuroraAudit
import AuroraDatabase
package import AuroraModel
import AuroraSystem

/// Takes releases out of the list and artifacts off the disk, unless something still needs them.
///
/// Thread-safe. What is refused is as it was; what returned is durable, and its bytes count for the quota no more.
package struct Deletions: Sendable {
    let stager: Stager
    let uploads: Uploads
    let targets: Targets
    let approvals: Approvals
    let database: Database
    let audit: AuditLog
    let clock: WallClock

    /// Makes a staged release an artifact like any other again; it can be staged anew.
    ///
    /// - Throws: `Refusal`: `release_unknown`, `release_in_use`.
    package func release(_ artifact: Digest, by actor: Actor) throws {
        let entry = AuditEntry.accepted(.releaseDelete, by: actor, subject: artifact.hex, at: clock.now())
        let audit = audit
        try stager.locks.withLock(artifact) {
            try database.write { transaction in
                guard try ReleaseStore.release(artifact, in: transaction) != nil else {
                    throw Refusals.releaseUnknown(artifact.hex)
                }
                if let user = try user(of: artifact, in: transaction) { throw releaseInUse(artifact, by: user) }
                try ReleaseStore.remove(artifact, in: transaction)
                _ = try audit.append(entry, in: transaction)
            }
        }
        stager.list.invalidate()
    }

    /// Deletes an artifact, or a file that belongs to one.
    ///
    /// - Throws: `Refusal`: `artifact_unknown`, `artifact_in_use`.
    package func artifact(_ digest: Digest, by actor: Actor) throws {
        try stager.locks.withLock(digest) {
            try uploads.storing.withLock(digest) {
                let size = try forget(digest, by: actor)
                // A file that outlives its row here, because the hub is killed, goes at the next start.
                try uploads.blobs.remove(digest)
                uploads.budget.forget(storedBytes: size)
            }
        }
    }

    /// Takes the row away and says so in the log; returns how many bytes the artifact has.
    private func forget(_ digest: Digest, by actor: Actor) throws -> Int64 {
        let now = clock.now()
        let audit = audit
        return try database.write { transaction in
            guard let record = try ArtifactStore.artifact(digest, in: transaction) else {
                throw Refusals.artifactUnknown(digest.hex)
            }
            let release = try record.isStaged ? digest : ReleaseStore.release(restingOn: digest, in: transaction)
            if let release { throw artifactInUse(digest, by: "the release \(release.hex)") }
            if let user = try user(of: digest, in: transaction) { throw artifactInUse(digest, by: user) }
            try ArtifactStore.remove(digest, in: transaction)
            _ = try audit.append(
                .accepted(
                    .artifactDelete, by: actor, subject: digest.hex, at: now,
                    details: [
                        ("bytes", "\(record.size)"), ("labels", record.labels.map(\.name).joined(separator: ", ")),
                    ]), in: transaction)
            return record.size
        }
    }

    /// What still needs an artifact: a kept generation, a change under way, an open suggestion.
    private func user(of artifact: Digest, in transaction: Transaction) throws -> String? {
        for target in targets.all() where target.engine.generations().contains(where: { $0.artifact == artifact }) {
            return "a generation of \(target.name)"
        }
        let running = try PromotionStore.running(in: transaction).first { $0.artifact == artifact }
        if let running { return "the change \(running.change)" }
        return try approvals.open(in: transaction).first { $0.plan.to.artifact == artifact }
            .map { "the suggestion \($0.id)" }
    }

    private static let rule = "what a release, a target or an open suggestion needs is not deleted"

    private func releaseInUse(_ digest: Digest, by user: String) -> Refusal {
        Refusal(
            .conflict, code: "release_in_use", "\(user) needs the release \(digest.hex).", subject: digest.hex,
            rule: Self.rule, remedy: "Wait until it needs it no more.", details: ["usedBy": .string(user)])
    }

    private func artifactInUse(_ digest: Digest, by user: String) -> Refusal {
        Refusal(
            .conflict, code: "artifact_in_use", "\(user) needs the artifact \(digest.hex).", subject: digest.hex,
            rule: Self.rule, remedy: "Delete the release first, or wait until it is needed no more.",
            details: ["usedBy": .string(user)])
    }
}
