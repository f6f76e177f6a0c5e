import AuroraModel

/// The refusals that more than one part of this module gives.
enum Refusals {
    static func insufficientStorage(_ subject: String, free: UInt64?, floor: Int64) -> Refusal {
        Refusal(
            .insufficientStorage, code: "insufficient_storage",
            "The hub's disk has no room for \(subject)"
                + (free.map { ": \($0) bytes are free and \(floor) must stay free." } ?? "."),
            subject: subject, rule: "free_disk_floor_bytes",
            remedy: "Free space on the hub's disk, or lower hub.free_disk_floor_bytes in aurora.yaml, then try again.")
    }

    static func artifactUnknown(_ subject: String) -> Refusal {
        Refusal(
            .notFound, code: "artifact_unknown", "The hub has no artifact \(subject).", subject: subject,
            rule: "an artifact is uploaded before it is used",
            remedy: "Upload it, or list the artifacts the hub has with: aurora release list")
    }

    static func releaseUnknown(_ subject: String) -> Refusal {
        Refusal(
            .notFound, code: "release_unknown", "Nothing with the digest \(subject) is staged.", subject: subject,
            rule: "only a staged release can be promoted",
            remedy: "Stage it first: aurora release stage \(subject)")
    }
}
