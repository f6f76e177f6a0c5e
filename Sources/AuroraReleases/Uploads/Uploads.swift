package import AuroraAudit
import AuroraCrypto
package import AuroraDatabase
package import AuroraModel
package import AuroraSystem
import Glibc
import Synchronization

/// Takes artifacts and their sidecars in, whole or in parts, and stores them by digest.
///
/// Bytes go to `uploads/<id>.part` on the blobs' file system and are hashed while they are written; memory does not
/// depend on the size of the upload. Only a finished upload whose digest is the declared one becomes a blob and a
/// label. Thread-safe; each `UploadWriter` is used by one thread at a time.
package final class Uploads: Sendable {
    let settings: UploadSettings
    let directory: String
    let blobs: BlobStore
    let budget: UploadBudget
    let clock: WallClock
    let database: Database
    private let audit: AuditLog
    private let state: Mutex<State>
    /// Held while an artifact comes or goes, so that its file and its row come and go together.
    let storing = KeyedLock<Digest>()

    /// What only this process knows about unfinished uploads.
    private struct State {
        /// Uploads a writer is at work on.
        var busy: Set<UploadID> = []
        /// Digest states of paused uploads, so that many small parts do not read the file again each time.
        var parked: [UploadID: (hasher: SHA256, offset: Int64)] = [:]
    }

    /// Digest states kept at most; beyond that a resumed upload is read again.
    private static let parkedLimit = 64

    /// Opens the upload area and drops what a crash left: parts nobody can resume and blobs no row names.
    ///
    /// - Parameter directory: `uploads/` of the hub's state, on the same file system as the blobs.
    package init(
        directory: String, settings: UploadSettings, blobs: BlobStore, database: Database, audit: AuditLog,
        clock: WallClock
    ) throws {
        self.directory = directory
        self.settings = settings
        self.blobs = blobs
        self.database = database
        self.audit = audit
        self.clock = clock
        budget = UploadBudget(settings: settings, directory: directory)
        state = Mutex(State())
        try Directories.make(directory)
        try reconcile()
    }

    // MARK: Whole streams

    /// Begins an upload that comes in one piece and cannot be resumed.
    ///
    /// - Throws: `Refusal`: `invalid_file_name`, `upload_too_large`, `quota_exceeded`, `insufficient_storage`,
    ///   `too_many_uploads`.
    package func begin(_ request: UploadRequest) throws -> UploadWriter {
        let id = try open(request)
        return try makeWriter(
            UploadRecord(id: id, request: request, created: clock.now()), offset: 0, hasher: SHA256(), resumable: false)
    }

    // MARK: Resumable uploads (IETF draft-ietf-httpbis-resumable-upload)

    /// Registers a resumable upload; its bytes follow with `resume`.
    package func create(_ request: UploadRequest) throws -> UploadStatus {
        let id = try open(request)
        let record = UploadRecord(id: id, request: request, created: clock.now())
        do {
            let part = try Descriptor.open(path(of: id), [.writeOnly, .create, .exclusive, .noFollow])
            try part.fsync()
            try DurableFile.syncDirectory(directory)
            let audit = audit
            let entry = entry(request.account, .uploadBegin, record, details: [("upload", id.text)])
            try database.write { transaction in
                try ArtifactStore.insert(record, in: transaction)
                _ = try audit.append(entry, in: transaction)
            }
        } catch {
            discard(id)
            throw error
        }
        return status(of: record, offset: 0)
    }

    /// Goes on with an upload at `offset`, which must be exactly what the hub has.
    ///
    /// - Throws: `Refusal`: `upload_unknown`, `upload_complete`, `upload_busy`, `upload_offset_mismatch`.
    package func resume(_ id: UploadID, offset: Int64, by requester: Actor) throws -> UploadWriter {
        let record = try find(id, of: requester)
        guard record.digest == nil else { throw UploadRefusals.complete(record) }
        guard state.withLock({ $0.busy.insert(id).inserted }) else { throw UploadRefusals.busy(record) }
        do {
            let stored = try storedOffset(of: id)
            guard stored == offset else { throw UploadRefusals.offset(record, given: offset, stored: stored) }
            let parked = state.withLock { $0.parked.removeValue(forKey: id) }
            let hasher =
                if let parked, parked.offset == stored { parked.hasher } else { try rehash(id, upTo: stored) }
            return try makeWriter(record, offset: stored, hasher: hasher, resumable: true)
        } catch {
            state.withLock { _ = $0.busy.remove(id) }
            throw error
        }
    }

    /// How far an upload of this account is.
    package func status(_ id: UploadID, by requester: Actor) throws -> UploadStatus {
        let record = try find(id, of: requester)
        return status(of: record, offset: record.digest == nil ? try storedOffset(of: id) : record.storedSize)
    }

    /// Gives an unfinished upload up and frees its bytes.
    package func cancel(_ id: UploadID, by requester: Actor) throws {
        let record = try find(id, of: requester)
        guard state.withLock({ $0.busy.insert(id).inserted }) else { throw UploadRefusals.busy(record) }
        defer { state.withLock { _ = $0.busy.remove(id) } }
        let audit = audit
        let entry = entry(requester, .uploadCancel, record, details: [("upload", id.text)])
        try database.write { transaction in
            try ArtifactStore.removeUpload(id, in: transaction)
            _ = try audit.append(entry, in: transaction)
        }
        if record.digest == nil { discard(id) }
    }

    /// Removes the uploads nobody went on with for the retention time; called by a timer.
    ///
    /// - Returns: how many went.
    @discardableResult
    package func expire() throws -> Int {
        let limit = clock.now() - settings.retentionMilliseconds
        let old = try database.read { try ArtifactStore.uploads(untouchedSince: limit, in: $0) }
        var count = 0
        for record in old {
            guard state.withLock({ $0.busy.insert(record.id).inserted }) else { continue }
            defer { state.withLock { _ = $0.busy.remove(record.id) } }
            let audit = audit
            let entry = entry(.system, .uploadExpire, record, details: [("created", "\(record.created)")])
            try database.write { transaction in
                try ArtifactStore.removeUpload(record.id, in: transaction)
                if record.digest == nil { _ = try audit.append(entry, in: transaction) }
            }
            if record.digest == nil { discard(record.id) }
            count += 1
        }
        return count
    }

    /// How full the store is.
    package var usage: UploadUsage { budget.usage }

    // MARK: What a writer calls

    /// Stores a finished part under its digest, its name as the account's label, and says so in the log.
    func store(_ record: UploadRecord, digest: Digest, size: Int64, resumable: Bool) throws -> StoredArtifact {
        try storing.withLock(digest) { try keep(record, digest, size, resumable) }
    }

    private func keep(
        _ record: UploadRecord, _ digest: Digest, _ size: Int64, _ resumable: Bool
    ) throws -> StoredArtifact {
        let isNew = !blobs.contains(digest)
        // A resumable part keeps its name until the rows say that it is an artifact: a crash in between must not cost the
        // client bytes that were acknowledged.
        if resumable {
            try blobs.share(path(of: record.id), as: digest)
        } else {
            try blobs.adopt(path(of: record.id), as: digest)
        }
        let now = clock.now()
        let audit = audit
        let entry = entry(
            record.requester, .artifactUpload, record, subject: digest.hex,
            details: [("bytes", "\(size)"), ("label", record.fileName)])
        let wasKnown = try database.write { transaction in
            let known = try ArtifactStore.artifact(digest, in: transaction) != nil
            try ArtifactStore.insertArtifact(digest, size: size, account: record.account, at: now, in: transaction)
            try ArtifactStore.setLabel(record.fileName, of: record.account, to: digest, at: now, in: transaction)
            if resumable { try ArtifactStore.completeUpload(record.id, digest: digest, at: now, in: transaction) }
            _ = try audit.append(entry, in: transaction)
            return known
        }
        if resumable { unlink(path(of: record.id)) }
        budget.close(record.id, storedBytes: wasKnown ? 0 : size)
        release(record.id)
        return StoredArtifact(digest: digest, size: size, fileName: record.fileName, isNew: isNew && !wasKnown)
    }

    /// Keeps a paused upload for later.
    func park(_ record: UploadRecord, hasher: SHA256, offset: Int64) throws -> UploadStatus {
        let now = clock.now()
        state.withLock {
            if $0.parked.count < Self.parkedLimit { $0.parked[record.id] = (hasher, offset) }
            $0.busy.remove(record.id)
        }
        try database.write { try ArtifactStore.touchUpload(record.id, at: now, in: $0) }
        return status(of: record, offset: offset)
    }

    /// Leaves an upload as it lies, without a writer; the next one reads its bytes again.
    func leave(_ record: UploadRecord) { release(record.id) }

    /// Drops an upload with its bytes, and its row when it had one.
    func drop(_ record: UploadRecord, resumable: Bool) {
        if resumable {
            // A row that outlives its part is dropped at the next start or expiry; the refusal is what the client
            // needs.
            try? database.write { try ArtifactStore.removeUpload(record.id, in: $0) }
        }
        discard(record.id)
        release(record.id)
    }

    private func release(_ id: UploadID) {
        state.withLock {
            $0.busy.remove(id)
            $0.parked[id] = nil
        }
    }

    func path(of id: UploadID) -> String { "\(directory)/\(id.text).part" }
}

extension Uploads {
    private func open(_ request: UploadRequest) throws -> UploadID {
        try FileLabel.validate(request.fileName)
        if let length = request.length, length < 0 { throw UploadRefusals.negativeLength(request.fileName) }
        let id = UploadID(random: SecureRandom.bytes(10))
        try budget.open(
            id, of: request.account.name, expecting: request.length, name: request.fileName)
        return id
    }

    private func makeWriter(
        _ record: UploadRecord, offset: Int64, hasher: SHA256, resumable: Bool
    ) throws -> UploadWriter {
        do {
            let path = path(of: record.id)
            // Read-only since its end was tried and could not be written down: its bytes may be a blob's already.
            let isHandedOver = try resumable && FileStatus.of(path).mode & 0o200 == 0
            let flags: OpenFlags =
                resumable
                ? [isHandedOver ? .readOnly : .writeOnly, .noFollow] : [.writeOnly, .create, .exclusive, .noFollow]
            let part = try Descriptor.open(path, flags)
            try part.seek(to: offset)
            return UploadWriter(
                uploads: self, record: record, part: part, offset: offset, hasher: hasher, resumable: resumable,
                isHandedOver: isHandedOver)
        } catch {
            if !resumable { discard(record.id) }
            throw error
        }
    }

    private func discard(_ id: UploadID) {
        unlink(path(of: id))
        budget.close(id)
    }

    /// An upload of this account; another account's looks the same as none.
    private func find(_ id: UploadID, of requester: Actor) throws -> UploadRecord {
        let record = try database.read { try ArtifactStore.upload(id, in: $0) }
        guard let record, record.account == requester.name else { throw UploadRefusals.unknown(id) }
        return record
    }

    private func storedOffset(of id: UploadID) throws -> Int64 {
        try Descriptor.open(path(of: id), [.readOnly, .noFollow]).stat().size
    }

    private func rehash(_ id: UploadID, upTo size: Int64) throws -> SHA256 {
        let part = try Descriptor.open(path(of: id), [.readOnly, .noFollow])
        var hasher = SHA256()
        var offset: Int64 = 0
        while offset < size {
            let bytes = try part.pread(Int(min(1 << 20, size - offset)), at: offset)
            guard !bytes.isEmpty else { break }
            hasher.update(bytes)
            offset += Int64(bytes.count)
        }
        return hasher
    }

    private func status(of record: UploadRecord, offset: Int64) -> UploadStatus {
        UploadStatus(
            id: record.id, fileName: record.fileName, offset: offset, length: record.length,
            isComplete: record.digest != nil, artifact: record.digest,
            expires: Timestamp(milliseconds: max(record.touched, clock.now()) + settings.retentionMilliseconds))
    }

    private func entry(
        _ requester: Actor, _ act: AuditAct, _ record: UploadRecord, subject: String? = nil,
        details: [(String, String)]
    ) -> AuditEntry {
        AuditEntry.accepted(
            act, by: requester, subject: subject ?? record.fileName, at: clock.now(), details: details)
    }
}
