import AuroraAudit
import AuroraCrypto
import AuroraDatabase
import AuroraModel
import AuroraReleases
import AuroraSystem
import AuroraTestSupport
import Glibc
import Synchronization

/// A hub's storage in a folder of its own: database, audit log, blobs and uploads, all real.
final class Shelf {
    let root: String
    let database: Database
    let audit: AuditLog
    let blobs: BlobStore
    let time: TestTime
    var uploads: Uploads

    init(_ root: String, settings: UploadSettings = .small, uploadsDirectory: String? = nil) throws {
        self.root = root
        let time = TestTime()
        self.time = time
        database = try Database(path: root + "/hub.db", migrations: AuditLog.migrations + Releases.migrations)
        audit = try AuditLog(
            database: database, origin: "aurora.test/hub", key: Ed25519PrivateKey(), directory: root + "/audit",
            clock: time.clock)
        blobs = try BlobStore(directory: (uploadsDirectory ?? root) + "/blobs")
        uploads = try Uploads(
            directory: (uploadsDirectory ?? root) + "/uploads", settings: settings, blobs: blobs, database: database,
            audit: audit, clock: time.clock)
    }

    /// What a start of the hub after a crash does with uploads.
    func restart(settings: UploadSettings = .small) throws {
        uploads = try Uploads(
            directory: root + "/uploads", settings: settings, blobs: blobs, database: database, audit: audit,
            clock: time.clock)
    }

    /// The names of the partial files.
    func parts() throws -> [String] { try Shelf.names(root + "/uploads") }

    static func names(_ directory: String) throws -> [String] {
        try DirectoryNames.read(in: directory).compactMap(\.text)
    }

    /// The actions in the audit log, oldest first.
    func actions() throws -> [String] { try audit.entries(from: 0, limit: 1000).map { try $0.decoded().action } }
}

/// A wall clock that moves when a test says so.
final class TestTime: Sendable {
    private let now = Mutex<Int64>(1_767_225_600_000)
    private let interlude = Mutex<(thread: pthread_t, action: @Sendable () -> Void)?>(nil)

    var clock: WallClock {
        WallClock {
            self.takeInterlude()?()
            return self.now.withLock { $0 }
        }
    }

    /// Runs `action` once, when this thread next asks for the time: in the middle of what it does then.
    func atNextLook(_ action: @escaping @Sendable () -> Void) {
        let thread = pthread_self()
        interlude.withLock { $0 = (thread, action) }
    }

    private func takeInterlude() -> (@Sendable () -> Void)? {
        interlude.withLock { interlude in
            guard let thread = interlude?.thread, pthread_equal(thread, pthread_self()) != 0 else { return nil }
            return interlude.take()?.action
        }
    }

    func advance(milliseconds: Int64) { now.withLock { $0 += milliseconds } }
}

extension UploadSettings {
    /// Limits a test can reach; no floor, so that a full build machine does not fail the tests.
    static let small = UploadSettings(quotaBytes: 16 << 20, freeDiskFloorBytes: 0, maximumUploadBytes: 8 << 20)
}

extension Actor {
    static let ci = Actor(name: "ci", via: .session, address: "127.0.0.1")
    static let maria = Actor(name: "maria", via: .session, address: "127.0.0.1")
    static let olaf = Actor(name: "olaf", via: .session, address: "127.0.0.1")
}

extension UploadWriter {
    func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try write($0) }
    }
}

extension Uploads {
    /// Sends a whole file in one go.
    @discardableResult
    func send(
        _ bytes: [UInt8], as name: String, by actor: Actor = .ci, declared: Digest? = nil
    ) throws -> StoredArtifact {
        let writer = try begin(UploadRequest(account: actor, fileName: name, length: nil, declared: declared))
        try writer.write(bytes)
        return try writer.finish()
    }
}

/// Bytes that differ at every place and from seed to seed.
func sample(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    return (0..<count).map { _ in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return UInt8(truncatingIfNeeded: state)
    }
}

/// The code of the refusal that `body` throws; nil when it throws none.
func refusalCode(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch let refusal as Refusal {
        return refusal.code
    } catch {
        return "error: \(error)"
    }
}
