extension AuditAct {
    private static let ends: KeyValuePairs<String, String> = [
        "plan": "the plan digest", "from": "generation", "to": "generation",
    ]

    /// What is said of acts on a device's packs; they stand in the device's own log.
    var packFacts: Facts {
        switch self {
        case .packStage:
            Facts(
                "a pack was verified and brought into the device's store, or refused", by: "who asked",
                subject: "its id; when refused what was given",
                [
                    "version": "its version", "tree": "the digest of its tree", "sealed": "`yes` or `no`",
                    "signature": "the verdict", "archive": "the SHA-256 of the archive",
                    "message": "why it was refused",
                ])
        case .packRehearse:
            Facts(
                "a change of packs was planned and rehearsed", by: "who asked", subject: "what was asked for",
                ["plan": "the plan digest", "message": "why it was refused"])
        case .packInstall:
            Facts(
                "an approval was used and packs began to change, or it was refused", by: "who asked",
                subject: "the packs",
                [
                    "plan": "the plan digest", "generation": "the new one", "approval": "signed, console or unattended",
                    "approvedBy": "who said yes", "statement": "the SHA-256 of the signed statement",
                    "uid": "of who typed it at the terminal",
                    "login": "`yes` when they logged in with that uid; `no` when it is only the user of the process",
                    "message": "why it was refused",
                ])
        case .packRollback:
            Facts(
                "the last change began to be taken back", by: "who asked", subject: "the generation taken back",
                ["plan": "the plan digest", "message": "why it was refused"])
        case .packDone: end("the packs asked for run and are healthy")
        case .packRolledBack: end("the packs asked for were not healthy; the ones before run again")
        case .packDegraded: end("the packs that came back are not healthy either; a person must decide")
        case .packAborted:
            Facts(
                "a change ended with nothing switched; its approval was given back", by: "system",
                subject: "the plan digest, or `rollback`", ["plan": "the plan digest"])
        case .packUnblock:
            Facts(
                "a failed tree may be activated again", by: "who asked", subject: "its digest",
                ["message": "why it was refused"])
        case .packWaive:
            Facts(
                "a sandbox layer may be missing for a pack", by: "who asked", subject: "the pack",
                ["layer": "which one", "operator": "who signed the waiver", "until": "when it ends"])
        case .packDrift:
            Facts(
                "active packs were found that are not what was verified", by: "system, or who asked",
                subject: "the active generation", ["message": "what differs"])
        case .packDataExport: data("a pack's data were written into an archive, or that was refused")
        case .packDataImport: data("an archive's data became a pack's, or were refused")
        case .packDataRestore: data("a snapshot became a pack's data, or those put aside came back, or it was refused")
        default:
            Facts(
                "old generations, packs, snapshots and data of old schemas were removed", by: "who asked, or system",
                subject: "`store`, or after a change `snapshots`",
                [
                    "generations": "their numbers", "trees": "how many",
                    "snapshots": "of which packs, for which generations", "data": "of which packs and schemas",
                    "replaced": "of which packs the data that could not be taken back any more",
                    "message": "why it was refused",
                ])
        }
    }

    private func data(_ meaning: String) -> Facts {
        Facts(
            meaning, by: "who asked", subject: "the pack",
            [
                "schema": "the data's", "tree": "the digest of their manifest", "bytes": "their size",
                "generation": "before which they were put aside", "archive": "the SHA-256 of the archive written",
                "message": "why it was refused",
            ])
    }

    private func end(_ meaning: String) -> Facts {
        Facts(meaning, by: "system", subject: "the generation that is active now", Self.ends)
    }
}
