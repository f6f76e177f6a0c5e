/// Every act the hub writes into its log; the raw value is the entry's `action`.
///
/// Whoever writes an entry names one of these, so the list cannot fall behind; docs/reference/audit.md is made from it.
/// A raw value never changes and is never given to another act: logs are read for longer than programs live.
package enum AuditAct: String, Sendable, CaseIterable {
    case hubStart = "hub.start"
    case hubStop = "hub.stop"
    case accessRefuse = "access.refuse"
    case requestRefuse = "request.refuse"
    case loginCodeCreate = "login-code.create"
    case sessionOpen = "session.open"
    case sessionClose = "session.close"
    case userCreate = "user.create"
    case userChange = "user.change"
    case userRemove = "user.remove"
    case tokenCreate = "token.create"
    case tokenDelete = "token.delete"
    case keyPropose = "key.propose"
    case keyAdmit = "key.admit"
    case keyRevoke = "key.revoke"
    case uploadBegin = "upload.begin"
    case uploadCancel = "upload.cancel"
    case uploadExpire = "upload.expire"
    case artifactUpload = "artifact.upload"
    case artifactDelete = "artifact.delete"
    case releaseStage = "release.stage"
    case releaseTry = "release.try"
    case releaseDelete = "release.delete"
    case suggestionFile = "suggestion.file"
    case suggestionApprove = "suggestion.approve"
    case suggestionReject = "suggestion.reject"
    case suggestionCountersign = "suggestion.countersign"
    case suggestionWithdraw = "suggestion.withdraw"
    case suggestionStale = "suggestion.stale"
    case suggestionExpire = "suggestion.expire"
    case suggestionClose = "suggestion.close"
    case suggestionStart = "suggestion.start"
    case suggestionRelease = "suggestion.release"
    case suggestionFinish = "suggestion.finish"
    case targetPromote = "target.promote"
    case targetRevert = "target.revert"
    case targetTakeBack = "target.take-back"
    case targetTakeBackRelease = "target.take-back-release"
    case targetUnblock = "target.unblock"
    case changeAbort = "change.abort"
    case changeDone = "change.done"
    case changeFailed = "change.failed"
    case changeRolledBack = "change.rolled-back"
    case changeDegraded = "change.degraded"
    case changeAborted = "change.aborted"
    case changeInterrupted = "change.interrupted"
    case packStage = "pack.stage"
    case packRehearse = "pack.rehearse"
    case packInstall = "pack.install"
    case packRollback = "pack.rollback"
    case packDone = "pack.done"
    case packRolledBack = "pack.rolled-back"
    case packDegraded = "pack.degraded"
    case packAborted = "pack.aborted"
    case packUnblock = "pack.unblock"
    case packWaive = "pack.waive"
    case packCollect = "pack.collect"
    case packDrift = "pack.drift"
    case packDataExport = "pack.data-export"
    case packDataImport = "pack.data-import"
    case packDataRestore = "pack.data-restore"
}

extension AuditAct {
    /// What an act's entry says, in words.
    package struct Facts: Sendable {
        /// What happened.
        package let meaning: String
        /// Who the actor is.
        package let by: String
        /// What the subject names.
        package let subject: String
        /// The details it may carry, by name; `dev` comes to all of them under `--dev`.
        package let details: [(name: String, meaning: String)]

        init(
            _ meaning: String, by: String, subject: String, _ details: KeyValuePairs<String, String> = [:],
            _ more: KeyValuePairs<String, String> = [:]
        ) {
            self.meaning = meaning
            self.by = by
            self.subject = subject
            self.details = (Array(details) + Array(more)).map { ($0.key, $0.value) }
        }
    }
}
