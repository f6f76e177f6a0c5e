package import AuroraModel

/// The limits an upload meets.
///
/// All sizes in bytes.
package struct UploadSettings: Hashable, Sendable {
    /// Stored artifacts and partial uploads together; default 64 GiB.
    package var quotaBytes: Int64
    /// What must stay free on the hub's disk; default 1 GiB.
    package var freeDiskFloorBytes: Int64
    /// The largest single upload; default 16 GiB.
    package var maximumUploadBytes: Int64
    /// How long an interrupted upload stays resumable; default 24 hours.
    package var retentionMilliseconds: Int64
    /// Unfinished uploads at one time, of all accounts; default 256.
    package var maximumOpenUploads: Int
    /// Unfinished uploads of one account at one time, so that no account takes all of them; default 64.
    package var maximumOpenUploadsPerAccount: Int

    package init(
        quotaBytes: Int64 = 64 << 30, freeDiskFloorBytes: Int64 = 1 << 30, maximumUploadBytes: Int64 = 16 << 30,
        retentionMilliseconds: Int64 = 24 * 3600 * 1000, maximumOpenUploads: Int = 256,
        maximumOpenUploadsPerAccount: Int = 64
    ) {
        self.quotaBytes = quotaBytes
        self.freeDiskFloorBytes = freeDiskFloorBytes
        self.maximumUploadBytes = maximumUploadBytes
        self.retentionMilliseconds = retentionMilliseconds
        self.maximumOpenUploads = maximumOpenUploads
        self.maximumOpenUploadsPerAccount = maximumOpenUploadsPerAccount
    }
}

/// What a client said about the file it is about to send.
package struct UploadRequest: Hashable, Sendable {
    /// Whose label the file name becomes.
    package let account: Actor
    package let fileName: String
    /// The whole length in bytes, when the client declared one.
    package let length: Int64?
    /// The SHA-256 the client declared (RFC 9530 `Repr-Digest` or `Content-Digest`), when it did.
    package let declared: Digest?

    package init(account: Actor, fileName: String, length: Int64? = nil, declared: Digest? = nil) {
        self.account = account
        self.fileName = fileName
        self.length = length
        self.declared = declared
    }
}

/// How far a resumable upload is.
package struct UploadStatus: Hashable, Sendable {
    package let id: UploadID
    package let fileName: String
    /// Bytes the hub has; where the next part begins.
    package let offset: Int64
    package let length: Int64?
    package let isComplete: Bool
    /// The stored artifact, once complete.
    package let artifact: Digest?
    /// When the hub forgets the upload if nothing more arrives.
    package let expires: Timestamp
}

/// An artifact the hub has just stored.
package struct StoredArtifact: Hashable, Sendable {
    package let digest: Digest
    /// Bytes.
    package let size: Int64
    package let fileName: String
    /// False when the hub had these bytes already.
    package let isNew: Bool
}

/// How full the artifact store is.
///
/// Bytes.
package struct UploadUsage: Hashable, Sendable {
    package let storedBytes: Int64
    package let partialBytes: Int64
    package let quotaBytes: Int64
    package let openUploads: Int
}
