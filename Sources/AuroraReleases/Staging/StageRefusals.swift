import AuroraArchive
import AuroraModel
import AuroraSandbox

/// What is said when an artifact cannot be staged.
enum StageRefusals {
    static func labelAmbiguous(_ name: String, _ labels: [ArtifactLabel]) -> Refusal {
        Refusal(
            .conflict, code: "label_ambiguous",
            "Several accounts have uploaded a file called \(name).", subject: name,
            rule: "a file name is only a label of its account's last upload",
            remedy: "Name the artifact by its SHA-256 instead.",
            details: .array(
                labels.map { ["account": .string($0.account), "sha256": .string($0.digest.hex)] }))
    }

    static func checksum(_ name: String, artifact: Digest, stated: Digest?) -> Refusal {
        Refusal(
            .unprocessable, code: "checksum_mismatch",
            stated.map { "\(name).sha256 gives \($0.hex), but \(name) has \(artifact.hex)." }
                ?? "\(name).sha256 has no digest for \(name), or cannot be read.",
            subject: artifact.hex, rule: "a checksum file must give the digest of its artifact",
            remedy: "Make the checksum again from the finished file (sha256sum \(name)) and upload both.")
    }

    static func unsigned(_ name: String) -> Refusal {
        Refusal(
            .unprocessable, code: "unsigned", "\(name) has no signature.", subject: name,
            rule: "only signed artifacts are staged",
            remedy: "Sign it (gpg --detach-sign --armor \(name)) or make a signed release file "
                + "(aurora release build, aurora release sign), and upload the signature under its name.")
    }

    static func noKeyring(_ name: String) -> Refusal {
        Refusal(
            .unprocessable, code: "no_release_keys", "The hub knows no release keys, so \(name) cannot be verified.",
            subject: name, rule: "signatures are judged against a pinned keyring",
            remedy: "Name the release keys in aurora.yaml (signing.keyring and signing.fingerprints).")
    }

    static func signatureBad(_ name: String, _ verdict: SignatureVerdict) -> Refusal {
        Refusal(
            .unprocessable, code: "signature_bad", "The signature \(name) does not hold: \(verdict.explanation)",
            subject: name, rule: "exactly the pinned keys may sign, and every signature present must be good",
            remedy: "Sign again with a release key the hub knows and upload the new signature.")
    }

    static func releaseFile(_ name: String, _ problem: String) -> Refusal {
        Refusal(
            .unprocessable, code: "release_file_mismatch", "The release file \(name) \(problem).", subject: name,
            rule: "a release file names the SHA-256 of its artifact",
            remedy: "Make it again for this artifact: aurora release build.")
    }

    static func archive(_ refusal: ArchiveRefusal, artifact: Digest) -> Refusal {
        if refusal.rule == .diskFull {
            return Refusals.insufficientStorage(artifact.hex, free: nil, floor: 0)
        }
        return Refusal(
            refusal.rule.isMachineFault ? .unavailable : .unprocessable, code: "archive_refused",
            "\(artifact.hex) was not unpacked: \(refusal.description)", subject: artifact.hex,
            rule: refusal.rule.rawValue, remedy: "Build the archive again without what the rule forbids.",
            details: ["rule": .string(refusal.rule.rawValue), "entry": .string(refusal.entry)])
    }

    static func sandbox(_ refusal: SandboxRefusal) -> Refusal {
        Refusal(
            .unavailable, code: "sandbox_unavailable",
            "The sandbox layer \(refusal.layer.rawValue) cannot be put in place: \(refusal.detail)",
            subject: refusal.layer.rawValue, rule: "a missing sandbox layer means refuse", remedy: refusal.remedy)
    }

    static func childDied(_ artifact: Digest, _ how: String) -> Refusal {
        Refusal(
            .unprocessable, code: "archive_refused",
            "The child that unpacked \(artifact.hex) ended without an answer: \(how).", subject: artifact.hex,
            rule: "child-died",
            remedy: "The archive may be made to break parsers. Build it again with an ordinary tar.",
            details: ["rule": "child-died", "entry": ""])
    }

    static func tree(_ artifact: Digest, _ problem: String) -> Refusal {
        Refusal(
            .unprocessable, code: "tree_refused", "The tree of \(artifact.hex) is not acceptable: \(problem)",
            subject: artifact.hex, rule: "a tree holds files, directories and relative symlinks only",
            remedy: "Build the artifact again without it.")
    }

    static func changed(_ artifact: Digest) -> Refusal {
        Refusal(
            .conflict, code: "artifact_changed", "The stored bytes of \(artifact.hex) changed while they were staged.",
            subject: artifact.hex, rule: "verified bytes are the installed bytes",
            remedy: "Find out what writes to the hub's blobs, then upload the artifact again.")
    }

    static func treeMismatch(_ artifact: Digest, staged: Digest, now: Digest) -> Refusal {
        Refusal(
            .conflict, code: "tree_mismatch",
            "\(artifact.hex) unpacked to the tree \(now.hex), but was staged as \(staged.hex).",
            subject: artifact.hex, rule: "the same artifact gives the same tree on every target",
            remedy: "Upload and stage the artifact again; if it happens again, report it.")
    }
}
