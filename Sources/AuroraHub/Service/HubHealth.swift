import AuroraActivation
import AuroraApprovals
import AuroraAudit
import AuroraDatabase
import AuroraModel
import AuroraReleases
import AuroraSystem

/// Whether the hub can work, and its figures for `/metrics`.
struct HubHealth: ServiceState {
    let database: Database
    let releases: Releases
    let approvals: Approvals
    let audit: AuditLog
    let state: StateFolder

    /// Below this many free bytes on the state folder's disk even audit entries are in danger: 16 MiB.
    private static let leastFreeBytes: UInt64 = 16 << 20

    var isHealthy: Bool {
        do {
            _ = try database.read { try AccountStore.userCount(in: $0) }
            return try DiskSpace.available(at: state.root).bytes >= Self.leastFreeBytes
        } catch { return false }
    }

    var log: String { audit.verifierKey.name }

    var troubles: [String] {
        var troubles: [String] = []
        if releases.promoter.unwrittenEnds > 0 { troubles.append("unwritten_ends") }
        if releases.targets.all().contains(where: { $0.engine.degraded != nil }) { troubles.append("target_degraded") }
        return troubles
    }

    func gauges() throws -> [Gauge] {
        let usage = releases.uploads.usage
        let free = try DiskSpace.available(at: state.root)
        let audit = try audit.verificationState()
        var waiting: [String: Int64] = [:]
        for suggestion in try approvals.list(states: [.waiting, .approved], limit: 500).items {
            waiting[suggestion.domain.name, default: 0] += 1
        }
        let targets = releases.targets.all()
        return [
            Gauge("aurora_build_info", "The running version.", [("version=\"\(Hub.version)\"", 1)]),
            Gauge("aurora_artifact_bytes", "Bytes of stored artifacts.", usage.storedBytes),
            Gauge("aurora_upload_partial_bytes", "Bytes of unfinished uploads.", usage.partialBytes),
            Gauge("aurora_upload_quota_bytes", "The quota of both.", usage.quotaBytes),
            Gauge("aurora_uploads_open", "Unfinished uploads.", Int64(usage.openUploads)),
            Gauge("aurora_disk_free_bytes", "Free bytes on the state folder's disk.", Int64(clamping: free.bytes)),
            Gauge(
                "aurora_suggestions_open", "Suggestions that wait, by domain.",
                waiting.sorted { $0.key < $1.key }.map { ("domain=\"\($0.key)\"", $0.value) }),
            Gauge(
                "aurora_target_degraded", "1 when a person has to look at the target.",
                targets.map { ("target=\"\($0.name)\"", $0.engine.degraded == nil ? 0 : 1) }),
            Gauge(
                "aurora_changes_unwritten", "Changes whose end could not be written yet; tried again every 30 s.",
                Int64(releases.promoter.unwrittenEnds)),
            Gauge("aurora_audit_entries_total", kind: "counter", "Entries of the audit log.", audit.size),
            Gauge("aurora_audit_published_entries", "Entries the last checkpoint covers.", audit.signedSize),
            Gauge(
                "aurora_database_commits_total", kind: "counter", "Durable commits since the start.",
                Int64(database.activity.commits)),
        ]
    }
}
