import AuroraHTTP
import AuroraModel
import AuroraReleases

/// Writes a body into the artifact store while it arrives.
///
/// Unchecked Sendable: the router calls one at a time; `writer` changes hands with the calls.
final class ArtifactReceiver: UploadReceiver, @unchecked Sendable {
    private let uploads: Uploads
    private let actor: Actor
    private let length: Int64?
    private let declared: Digest?
    private let answer: @Sendable (StoredArtifact, RequestContext) -> HTTPResponse
    private var writer: UploadWriter?

    /// - Parameter fileName: nil for forms, whose part names the file later.
    init(
        _ uploads: Uploads, fileName: String?, context: RequestContext,
        answer: @escaping @Sendable (StoredArtifact, RequestContext) -> HTTPResponse
    ) throws {
        self.uploads = uploads
        actor = try context.actor()
        declared = try DigestField.sha256(context.head)
        // A form's length is not its file's.
        length = fileName == nil ? nil : context.head.contentLength.flatMap { Int64(exactly: $0) }
        self.answer = answer
        if let fileName { try named(fileName) }
    }

    func named(_ fileName: String) throws {
        writer = try uploads.begin(
            UploadRequest(account: actor, fileName: fileName, length: length, declared: declared))
    }

    func receive(_ bytes: UnsafeRawBufferPointer) throws { try writer?.write(bytes) }

    func complete(_ context: RequestContext) throws -> HTTPResponse {
        guard let writer else { throw Problem.badRequest("no file was sent") }
        self.writer = nil
        return answer(try writer.finish(), context)
    }

    func cancel() {
        writer?.cancel()
        writer = nil
    }
}

/// Appends a body to a resumable upload; what arrived before a lost connection stays.
///
/// Unchecked Sendable: the router calls one at a time.
final class ResumableReceiver: UploadReceiver, @unchecked Sendable {
    private let isLast: Bool
    private let declared: Digest?
    private let answer: @Sendable (Outcome, RequestContext) -> HTTPResponse
    private var writer: UploadWriter?

    /// What a part of an upload led to.
    enum Outcome: Sendable {
        case stored(StoredArtifact)
        case waiting(UploadStatus)
    }

    init(
        _ writer: UploadWriter, isLast: Bool, declared: Digest?,
        answer: @escaping @Sendable (Outcome, RequestContext) -> HTTPResponse
    ) {
        self.writer = writer
        self.isLast = isLast
        self.declared = declared
        self.answer = answer
    }

    func named(_ fileName: String) throws {}

    func receive(_ bytes: UnsafeRawBufferPointer) throws { try writer?.write(bytes) }

    func complete(_ context: RequestContext) throws -> HTTPResponse {
        guard let writer else { throw Problem.badRequest("the upload is over") }
        self.writer = nil
        if isLast { return answer(.stored(try writer.finish(declared: declared)), context) }
        return answer(.waiting(try writer.pause()), context)
    }

    func cancel() {
        writer?.cancel()
        writer = nil
    }
}
