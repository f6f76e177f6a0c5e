import AuroraArchive
import AuroraFields
import AuroraModel
import AuroraSandbox
import AuroraSystem

/// What is said when a pack cannot be staged.
enum PackRefusals {
    static func unknown(_ id: PackID, _ what: String) -> Refusal {
        Refusal(
            .notFound, code: "pack_unknown", "\(id) \(what).", subject: id.text,
            rule: "a pack is staged before it is used",
            remedy: "stage it: aurora pack stage FOLDER; see: aurora pack list")
    }

    static func source(_ path: String, _ problem: String) -> Refusal {
        Refusal(
            .unprocessable, code: "pack_unreadable", "\(path) \(problem).", subject: path,
            rule: "a pack is a folder, or a tar archive, plain or packed with gzip, zstd or xz",
            remedy: "give the pack's folder or its archive")
    }

    static func entry(_ path: String, _ problem: String, _ remedy: String) -> Refusal {
        Refusal(
            .unprocessable, code: "pack_invalid", "\(path) \(problem).", subject: path,
            rule: "a pack holds files, folders and relative links that stay inside", remedy: remedy)
    }

    static func invalid(_ findings: [PackFinding]) -> Refusal {
        Refusal(
            .unprocessable, code: "pack_invalid",
            findings.prefix(10).map(\.problem.description).joined(separator: "\n"),
            subject: findings.first?.problem.field ?? "", rule: "only a pack without errors is staged",
            remedy: "see everything: aurora pack lint FOLDER",
            details: ["findings": JSONValue(findings.map(\.description))])
    }

    static func reserved(_ id: PackID) -> Refusal {
        Refusal(
            .unprocessable, code: "pack_invalid", "No pack can be called \(id).", subject: id.text,
            rule: "packs/\(id) is where a pack's data appear in its room", remedy: "choose another pack.id")
    }

    static func artifact(_ path: PackPath, stated: Digest, found: Digest?) -> Refusal {
        Refusal(
            .unprocessable, code: "artifact_mismatch",
            found.map { "\(path) has SHA-256 \($0.hex), the manifest says \(stated.hex)." }
                ?? "\(path) is listed as an artifact and is no file of the pack.",
            subject: path.text, rule: "verified bytes are the installed bytes",
            remedy: "build the pack again, or seal the manifest again: aurora pack seal")
    }

    static func missingArtifact(_ path: PackPath) -> Refusal {
        Refusal(
            .unprocessable, code: "artifact_missing", "\(path) is listed as an artifact and is no file of the pack.",
            subject: path.text, rule: "every artifact the manifest names is in the pack",
            remedy: "add the file, or take it out of pack.artifacts")
    }

    static func unsealed(_ id: PackID, _ why: String) -> Refusal {
        Refusal(
            .unprocessable, code: "pack_unsealed", "\(id) names artifacts without a digest\(why).", subject: id.text,
            rule: "an archive is sealed or signed as a whole; whether a folder may be unsealed says policy.unsealed",
            remedy: "fill the digests in: aurora pack seal FOLDER, then pack it again")
    }

    static func unsigned(_ id: PackID) -> Refusal {
        Refusal(
            .unprocessable, code: "unsigned", "\(id) has no signature.", subject: id.text,
            rule: "policy.unsigned of this device refuses packs nobody signed",
            remedy: "sign the archive (gpg --detach-sign --armor FILE) and stage it with its .asc")
    }

    static func signature(_ path: String, _ verdict: SignatureVerdict) -> Refusal {
        Refusal(
            .unprocessable, code: "signature_bad", "The signature \(path) does not hold: \(verdict.explanation)",
            subject: path, rule: "a signature that is there must be good",
            remedy: "sign again with a key that device.yaml names in signing.fingerprints")
    }

    static func noKeyring(_ path: String) -> Refusal {
        Refusal(
            .unprocessable, code: "no_release_keys", "This device knows no signing keys, so \(path) proves nothing.",
            subject: path, rule: "signatures are judged against a pinned keyring",
            remedy: "name the keys in device.yaml: signing.keyring and signing.fingerprints")
    }

    static func archive(_ refusal: ArchiveRefusal, _ path: String) -> Refusal {
        Refusal(
            refusal.rule == .diskFull
                ? .insufficientStorage : refusal.rule.isMachineFault ? .unavailable : .unprocessable,
            code: refusal.rule == .diskFull ? "insufficient_storage" : "archive_refused",
            "\(path) was not unpacked: \(refusal.description)", subject: path, rule: refusal.rule.rawValue,
            remedy: "build the archive again without what the rule forbids",
            details: ["rule": .string(refusal.rule.rawValue), "entry": .string(refusal.entry)])
    }

    static func childDied(_ path: String, _ how: String) -> Refusal {
        Refusal(
            .unprocessable, code: "archive_refused", "The child that unpacked \(path) ended without an answer: \(how).",
            subject: path, rule: "child-died",
            remedy: "the archive may be made to break parsers: build it again with an ordinary tar")
    }

    static func sandbox(_ refusal: SandboxRefusal) -> Refusal {
        Refusal(
            .unavailable, code: "sandbox_unavailable",
            "The sandbox layer \(refusal.layer.rawValue) cannot be put in place: \(refusal.detail)",
            subject: refusal.layer.rawValue, rule: "a missing sandbox layer means refuse", remedy: refusal.remedy)
    }

    /// - Parameter also: what else can be done, as a half sentence.
    static func storage(_ subject: String, needed: Int64, free: Int64, orElse also: String? = nil) -> Refusal {
        Refusal(
            .insufficientStorage, code: "insufficient_storage",
            "\(subject) needs \(needed) bytes of this device's disk, and \(free) are free.", subject: subject,
            rule: "the new trees and one snapshot of the data must fit before anything is staged",
            remedy: "free space, or let old generations go: aurora pack gc" + (also.map { "; \($0)" } ?? ""))
    }
}
