extension AuditAct {
    /// What docs/reference/audit.md says about the act.
    package var facts: Facts {
        switch self {
        case .hubStart: Facts("a hub was started, targets were recovered", by: "system", subject: "the version")
        case .hubStop: Facts("the hub was stopped in order", by: "system", subject: "the version")
        case .accessRefuse, .requestRefuse: refusalFacts
        case .loginCodeCreate, .sessionOpen, .sessionClose, .userCreate, .userChange, .userRemove, .tokenCreate,
            .tokenDelete, .keyPropose, .keyAdmit, .keyRevoke:
            accountFacts
        case .uploadBegin, .uploadCancel, .uploadExpire, .artifactUpload, .artifactDelete, .releaseStage, .releaseTry,
            .releaseDelete:
            releaseFacts
        case .suggestionFile, .suggestionApprove, .suggestionReject, .suggestionCountersign, .suggestionWithdraw,
            .suggestionStale, .suggestionExpire, .suggestionClose, .suggestionStart, .suggestionRelease,
            .suggestionFinish:
            suggestionFacts
        case .targetPromote, .targetRevert, .targetTakeBack, .targetTakeBackRelease, .targetUnblock, .changeAbort,
            .changeDone, .changeFailed, .changeRolledBack, .changeDegraded, .changeAborted, .changeInterrupted:
            changeFacts
        case .packStage, .packRehearse, .packInstall, .packRollback, .packDone, .packRolledBack, .packDegraded,
            .packAborted, .packUnblock, .packWaive, .packCollect, .packDrift, .packDataExport, .packDataImport,
            .packDataRestore:
            packFacts
        }
    }

    private var refusalFacts: Facts {
        switch self {
        case .accessRefuse:
            Facts(
                "requests of strangers were refused within a minute", by: "`nobody`", subject: "the address",
                ["count": "how many", "minute": "which minute", "code.…": "how many with this code"])
        default:
            Facts(
                "a request of somebody known was refused", by: "the account", subject: "what it was about",
                ["route": "the route", "port": "the port", "request": "the id in the hub's log"])
        }
    }

    private var accountFacts: Facts {
        switch self {
        case .loginCodeCreate:
            Facts(
                "a link that logs in once was made", by: "an admin or system", subject: "the account, or `first admin`")
        case .sessionOpen:
            Facts(
                "somebody logged in", by: "the account", subject: "the account",
                ["how": "by password or link", "session": "which"])
        case .sessionClose:
            Facts("somebody logged out", by: "the account", subject: "the account", ["session": "which"])
        case .userCreate:
            Facts("an account was made", by: "an admin or system", subject: "the account", ["role": "its role"])
        case .userChange:
            Facts(
                "an account was changed", by: "an admin, or the account for its own password", subject: "the account",
                ["role": "old and new", "active": "whether it may log in", "password": "`set`"])
        case .userRemove: Facts("an account was closed for ever", by: "an admin", subject: "the account")
        case .tokenCreate:
            Facts(
                "a token was made", by: "its user", subject: "the token's id",
                ["role": "its role", "name": "its label", "expires": "when it ends"])
        case .tokenDelete:
            Facts("a token was taken away", by: "its user or an admin", subject: "the token's id", ["user": "whose"])
        case .keyPropose:
            Facts("a public key was handed in", by: "its owner", subject: "the key's id", ["user": "whose"])
        case .keyAdmit:
            Facts("a public key counts from now on", by: "another admin", subject: "the key's id", ["user": "whose"])
        default:
            Facts(
                "a public key counts no more", by: "its owner or an admin", subject: "the key's id", ["user": "whose"])
        }
    }

    private var releaseFacts: Facts {
        switch self {
        case .uploadBegin:
            Facts("a resumable upload was begun", by: "the account", subject: "the file's name", ["upload": "its id"])
        case .uploadCancel:
            Facts("an upload was given up", by: "the account", subject: "the file's name", ["upload": "its id"])
        case .uploadExpire:
            Facts(
                "an upload nobody went on with was removed", by: "system", subject: "the file's name",
                ["created": "when it was begun"])
        case .artifactUpload:
            Facts(
                "an artifact is stored", by: "the account", subject: "its SHA-256",
                ["bytes": "its size", "label": "the file's name"])
        case .artifactDelete:
            Facts(
                "an artifact that nothing needed was deleted", by: "the account", subject: "its SHA-256",
                ["bytes": "its size", "labels": "the file names it had"])
        case .releaseDelete:
            Facts(
                "a staged release was taken out of the list", by: "the account", subject: "the artifact's SHA-256")
        case .releaseStage:
            Facts(
                "an artifact was verified and unpacked, or refused", by: "the account",
                subject: "its SHA-256, or what was named",
                [
                    "tree": "the digest of its tree", "signature": "the verdict, and over what",
                    "release": "name and version, if signed",
                ])
        default:
            Facts(
                "the health command ran in a copy", by: "the account", subject: "the artifact's SHA-256",
                [
                    "target": "for which target", "result": "what came of it", "tree": "the digest of the tree",
                    "exit": "the exit status", "change": "the change that failed",
                ])
        }
    }

    private static let plan: KeyValuePairs<String, String> = [
        "plan": "the plan digest", "target": "the target", "action": "`promote` or `rollback`", "domain": "the queue",
    ]

    private var suggestionFacts: Facts {
        switch self {
        case .suggestionFile:
            suggestion(
                "a change was asked for; refused: a file in a queue's folder was not taken",
                by: "the account, or `drop-folder`",
                ["sha256": "of the refused file", "message": "why it was refused"])
        case .suggestionApprove, .suggestionReject:
            suggestion(
                self == .suggestionApprove ? "somebody said yes" : "somebody said no", by: "the approver",
                [
                    "signature": "operator-signed or countersigned", "state": "where the suggestion stands",
                    "statement": "the SHA-256 of the signed statement",
                ])
        case .suggestionCountersign:
            suggestion(
                "the ground segment signed too", by: "the account",
                ["state": "where the suggestion stands", "keys": "which keys"])
        case .suggestionWithdraw: suggestion("a request was taken back", by: "who asked, an approver or an admin", [:])
        case .suggestionStale:
            suggestion("the plan no longer fits", by: "system", ["fresh": "the digest of the new plan"])
        case .suggestionExpire: suggestion("nobody decided in time", by: "system", ["state": "`expired`"])
        case .suggestionClose: suggestion("the suggestion came to an end by itself", by: "system", ["state": "how"])
        case .suggestionStart:
            suggestion(
                "the approval was used; refused: it could not be", by: "who started it, or the last approver",
                ["change": "the change it started", "approvedBy": "who said yes, and how it was signed"])
        case .suggestionRelease:
            suggestion(
                "the approval was given back: nothing was switched", by: "system or who stopped it",
                ["change": "the change that ended"])
        default: suggestion("the change came to its end", by: "system", ["state": "how", "change": "the change"])
        }
    }

    private func suggestion(_ meaning: String, by: String, _ details: KeyValuePairs<String, String>) -> Facts {
        Facts(meaning, by: by, subject: "the suggestion's id", Self.plan, details)
    }

    private var changeFacts: Facts {
        switch self {
        case .targetPromote, .targetRevert:
            Facts(
                self == .targetPromote
                    ? "a target began to change" : "a target began to go back to an approved generation",
                by: "who started it", subject: "the target",
                [
                    "change": "the change", "suggestion": "its approval", "plan": "the plan digest",
                    "tree": "the digest of the new tree", "artifact": "the artifact's SHA-256",
                ])
        case .targetTakeBack:
            Facts(
                "the right to take a change back was used", by: "an approver, or system after bad health",
                subject: "the target",
                [
                    "change": "the change taken back", "suggestion": "its approval", "from": "generation",
                    "to": "generation",
                    "automatic": "`yes` after bad health",
                ])
        case .targetTakeBackRelease:
            Facts(
                "the right to take a change back was given back: nothing was switched", by: "system",
                subject: "the target",
                [
                    "change": "the change it can take back", "suggestion": "its approval",
                    "ended": "the taking back that ended",
                ])
        case .targetUnblock:
            Facts("a failed digest may be used again", by: "an approver", subject: "the target", ["tree": "the digest"])
        case .changeAbort:
            Facts(
                "somebody asked to stop a change; refused: it was too late by then", by: "an approver, or who began it",
                subject: "the change")
        default:
            Facts(
                "a change of a target ended: " + rawValue.split(separator: ".")[1], by: "system",
                subject: "the target; of a stage or trial the artifact",
                [
                    "change": "the change", "suggestion": "its approval", "plan": "the plan digest",
                    "kind": "promote, revert, take-back, stage or trial",
                    "generation": "what is active now", "tree": "its digest",
                ])
        }
    }
}
