import AuroraModel
import AuroraSystem
import Synchronization

/// Keeps the artifact store inside its quota and the disk above its floor.
///
/// Bytes are charged to an upload before they are written, so that a hundred parallel uploads cannot exceed the quota
/// together.
final class UploadBudget: Sendable {
    /// One unfinished upload.
    struct Open {
        let account: String
        var bytes: Int64 = 0
    }

    private struct State {
        var stored: Int64 = 0
        var partial: [UploadID: Open] = [:]
        var partialSum: Int64 = 0
    }

    private let state = Mutex(State())
    private let settings: UploadSettings
    private let directory: String

    init(settings: UploadSettings, directory: String) {
        self.settings = settings
        self.directory = directory
    }

    /// Counts what was there when the hub started.
    func recount(stored: Int64, partial: [UploadID: Open]) {
        state.withLock {
            $0.stored = stored
            $0.partial = partial
            $0.partialSum = partial.values.reduce(0) { $0 + $1.bytes }
        }
    }

    /// Opens an account for an upload; `expecting` bytes must fit now, but are charged only as they come.
    func open(_ id: UploadID, of account: String, expecting: Int64?, name: String) throws {
        if let expecting, expecting > settings.maximumUploadBytes { throw tooLarge(name) }
        try checkDisk(expecting: expecting ?? 0, name: name)
        try state.withLock {
            guard $0.partial.count < settings.maximumOpenUploads else { throw tooMany() }
            guard $0.partial.values.count(where: { $0.account == account }) < settings.maximumOpenUploadsPerAccount
            else { throw tooManyOwn(account) }
            guard $0.stored + $0.partialSum + (expecting ?? 0) <= settings.quotaBytes else { throw overQuota(name) }
            $0.partial[id] = Open(account: account)
        }
    }

    /// Charges bytes about to be written.
    func charge(_ count: Int64, to id: UploadID, name: String) throws {
        try state.withLock {
            let mine = ($0.partial[id]?.bytes ?? 0) + count
            guard mine <= settings.maximumUploadBytes else { throw tooLarge(name) }
            guard $0.stored + $0.partialSum + count <= settings.quotaBytes else { throw overQuota(name) }
            $0.partial[id]?.bytes = mine
            $0.partialSum += count
        }
    }

    /// Closes an upload's account: its bytes count as stored from now on when `stored`, else they are gone.
    func close(_ id: UploadID, storedBytes: Int64 = 0) {
        state.withLock {
            $0.partialSum -= $0.partial.removeValue(forKey: id)?.bytes ?? 0
            $0.stored += storedBytes
        }
    }

    /// A stored artifact is gone.
    func forget(storedBytes: Int64) { state.withLock { $0.stored -= storedBytes } }

    /// Refuses when writing `expecting` more bytes would push the disk below the floor.
    func checkDisk(expecting: Int64, name: String) throws {
        let free = try DiskSpace.available(at: directory).bytes
        guard free >= UInt64(max(0, settings.freeDiskFloorBytes)) + UInt64(max(0, expecting)) else {
            throw Refusals.insufficientStorage(name, free: free, floor: settings.freeDiskFloorBytes)
        }
    }

    var usage: UploadUsage {
        state.withLock {
            UploadUsage(
                storedBytes: $0.stored, partialBytes: $0.partialSum, quotaBytes: settings.quotaBytes,
                openUploads: $0.partial.count)
        }
    }

    private func overQuota(_ name: String) -> Refusal {
        Refusal(
            .insufficientStorage, code: "quota_exceeded",
            "Storing \(name) would exceed the hub's quota of \(settings.quotaBytes) bytes.", subject: name,
            rule: "upload_quota_bytes counts stored artifacts and partial uploads",
            remedy: "Delete artifacts that are not needed (aurora release delete), or raise hub.upload_quota_bytes "
                + "in aurora.yaml.")
    }

    private func tooLarge(_ name: String) -> Refusal {
        Refusal(
            .tooLarge, code: "upload_too_large",
            "\(name) is larger than the \(settings.maximumUploadBytes) bytes one upload may have.",
            subject: name, rule: "maximum upload size", remedy: "Send a smaller artifact.")
    }

    private func tooManyOwn(_ account: String) -> Refusal {
        Refusal(
            .throttled, code: "too_many_uploads",
            "\(settings.maximumOpenUploadsPerAccount) uploads of \(account) are unfinished already.",
            subject: account, rule: "maximum number of unfinished uploads of one account",
            remedy: "Finish or cancel one, or wait: an interrupted upload goes after 24 hours.")
    }

    private func tooMany() -> Refusal {
        Refusal(
            .unavailable, code: "too_many_uploads", "\(settings.maximumOpenUploads) uploads are unfinished already.",
            subject: "uploads", rule: "maximum number of unfinished uploads",
            remedy: "Finish or cancel one, or wait: an interrupted upload goes after 24 hours.")
    }
}
