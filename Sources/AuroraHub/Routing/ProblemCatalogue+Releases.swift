// What releases, targets and approvals are refused for.

extension ProblemCatalogue {
    static let uploads: [ProblemKind] = [
        .init(
            "invalid_file_name", 400, title: "The file name is no plain label", remedy: "send the bare name of the file"
        ),
        .init(
            "digest_mismatch", 400, title: "The bytes are not those of the declared digest",
            remedy: "compute the digest again and send the file again"),
        .init(
            "quota_exceeded", 507, title: "The hub's room for artifacts is used up",
            remedy: "wait, or raise hub.upload_quota_bytes"),
        .init("insufficient_storage", 507, title: "The disk has no room", remedy: "free space on the hub's disk"),
        .init(
            "upload_too_large", 413, title: "The artifact is larger than one may be",
            remedy: "send a smaller one, or raise hub.maximum_upload_bytes"),
        .init("too_many_uploads", 429, 503, title: "Too many uploads are unfinished", remedy: "finish or cancel one"),
        .init("upload_unknown", 404, title: "This account has no such upload", remedy: "begin it again"),
        .init(
            "upload_busy", 409, title: "Another request is writing to the upload",
            remedy: "wait, ask for the offset, go on"),
        .init("upload_complete", 409, title: "The upload is complete already", remedy: "nothing is left to send"),
        .init("upload_over", 409, title: "The upload has ended and takes no more bytes", remedy: "begin it again"),
        .init(
            "upload_offset_mismatch", 409, title: "The part does not begin where the stored bytes end",
            remedy: "go on at the offset in `detail`"),
        .init(
            "upload_length_mismatch", 400, title: "The upload has another length than declared",
            remedy: "declare the true length and send it again"),
        .init(
            "upload_length_exceeded", 400, title: "The upload is longer than declared",
            remedy: "declare the true length and send it again"),
    ]

    static let staging: [ProblemKind] = [
        .init(
            "artifact_in_use", 409, title: "Something needs the artifact",
            remedy: "delete its release first, or wait until it is needed no more"),
        .init(
            "release_in_use", 409, title: "A target or an open suggestion needs the release",
            remedy: "wait until it is needed no more"),
        .init(
            "trial_failed", 503, title: "The trial could not be run",
            remedy: "look for the change in the hub's log, then try again"),
        .init("artifact_unknown", 404, title: "The hub has no such artifact", remedy: "upload it first"),
        .init("release_unknown", 404, title: "Nothing with this digest is staged", remedy: "stage it first"),
        .init(
            "label_ambiguous", 409, title: "Several accounts uploaded a file of this name",
            remedy: "name the artifact by its SHA-256"),
        .init(
            "checksum_mismatch", 422, title: "The checksum file is not of this artifact",
            remedy: "make it again from the finished file"),
        .init(
            "unsigned", 422, title: "The artifact has no good signature",
            remedy: "sign it and upload the signature under its name"),
        .init(
            "no_release_keys", 422, title: "The hub knows no release keys",
            remedy: "name them under `signing` in aurora.yaml"),
        .init(
            "signature_bad", 422, title: "The signature does not hold", remedy: "sign again with a key the hub knows"),
        .init(
            "release_file_mismatch", 422, title: "The release file is not of this artifact",
            remedy: "make it again: aurora release build"),
        .init(
            "archive_refused", 422, 503, title: "The archive breaks a rule",
            remedy: "build it again without what `rule` forbids: [the rules](archive-rules.md)"),
        .init(
            "tree_refused", 422, title: "The unpacked tree is not acceptable",
            remedy: "build the artifact again without what `detail` names"),
        .init(
            "artifact_changed", 409, title: "The stored bytes changed while they were read",
            remedy: "find out what writes to the hub's blobs; upload again"),
        .init(
            "tree_mismatch", 409, title: "The artifact unpacked to another tree than before",
            remedy: "upload and stage it again"),
    ]

    static let targets: [ProblemKind] = [
        .init("target_unknown", 404, title: "The hub has no such target", remedy: "use one of `targets`"),
        .init("target_required", 409, title: "A target must be named", remedy: "name one of `targets`"),
        .init("target_busy", 409, title: "A change is running on the target", remedy: "wait until `change` ends"),
        .init(
            "target_twice", 409, title: "Two targets share a name or a path",
            remedy: "correct the targets in aurora.yaml"),
        .init(
            "target_drifted", 409, title: "The target's files were changed by somebody else",
            remedy: "look at the drift, then ask anew"),
        .init(
            "target_foreign_content", 409,
            title: "Something stands at the target's path that the hub did not put there",
            remedy: "move it away, or adopt it as the plan shows"),
        .init(
            "target_needs_recovery", 503, title: "The target must be recovered first",
            remedy: "start the hub again and read its log"),
        .init(
            "digest_blocked", 409, title: "This tree failed here before and is blocked",
            remedy: "stage a corrected release, or clear the block with a reason"),
        .init("block_unknown", 404, title: "This digest is not blocked", remedy: "see what is: aurora target show"),
        .init(
            "hardware_mismatch", 422, title: "The release is for other hardware",
            remedy: "use a release that names this hardware"),
        .init(
            "generation_unknown", 404, title: "The target does not keep this generation",
            remedy: "see which are kept: aurora target show"),
        .init(
            "rollback_unavailable", 409, title: "There is nothing to take back",
            remedy: "ask for the generation you want; it needs an approval"),
        .init("already_active", 409, title: "The target runs these bytes already", remedy: "there is nothing to do"),
    ]

    static let approvals: [ProblemKind] = [
        .init(
            "approval_required", 409, title: "Nothing was changed: an approval is needed",
            remedy: "have `suggestion` approved"),
        .init("approval_used", 409, title: "The approval was used already", remedy: "ask for the change anew"),
        .init(
            "plan_stale", 409, title: "The plan is no longer what would happen",
            remedy: "look at the fresh plan and decide on that"),
        .init(
            "plan_not_canonical", 400, title: "The plan is not in its canonical form",
            remedy: "send the bytes as the hub gave them"),
        .init(
            "unknown_suggestion", 404, title: "There is no such suggestion", remedy: "list them: aurora suggestion list"
        ),
        .init("suggestion_expired", 409, title: "The suggestion has expired", remedy: "ask for the change anew"),
        .init("suggestion_closed", 409, title: "The suggestion is closed", remedy: "ask for the change anew"),
        .init(
            "suggestion_ambiguous", 409, title: "Several suggestions have this name",
            remedy: "use the id, or name the queue"),
        .init("already_voted", 409, title: "This person has said so already", remedy: "another person must vote"),
        .init("self_approval", 403, title: "Who asks does not approve", remedy: "ask another approver"),
        .init("role_required", 403, title: "This role may not do that here", remedy: "ask somebody with the role"),
        .init(
            "operator_signature_required", 403, title: "The target takes operator-signed approvals only",
            remedy: "sign: aurora approval approve"),
        .init(
            "unsigned_artifact", 403, title: "The policy does not take unsigned artifacts",
            remedy: "sign the artifact and stage it again"),
        .init("reason_required", 400, 422, title: "A longer reason is needed", remedy: "say in a sentence why"),
        .init("reason_too_long", 413, title: "The reason is too long", remedy: "shorten it"),
        .init(
            "other_reason", 400, title: "The reason given is not the reason signed",
            remedy: "send the signed one, or none"),
        .init(
            "unknown_statement", 404, title: "No recorded approval has this payload",
            remedy: "fetch the envelope and sign that one"),
        .init(
            "unknown_countersigner", 403, title: "No new signature is by a countersign key",
            remedy: "sign with the ground segment's key"),
        .init(
            "diff_unavailable", 404, title: "The trees of this plan are not here any more",
            remedy: "ask for the change anew for a fresh diff"),
        .init(
            "wrong_queue", 409, title: "The file lies in another domain's queue",
            remedy: "move it to the queue of its target's domain"),
    ]
}
