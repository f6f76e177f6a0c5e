import AuroraHTTP
import AuroraModel

/// Hands the bytes of a streamed body to the receiver of its route.
///
/// Unchecked Sendable: the server calls one at a time, and nothing here changes after the start.
final class RouteSink: BodySink, @unchecked Sendable {
    let context: RequestContext
    let receiver: any UploadReceiver

    init(context: RequestContext, receiver: any UploadReceiver) {
        self.context = context
        self.receiver = receiver
    }

    func receive(_ bytes: UnsafeRawBufferPointer) throws { try receiver.receive(bytes) }

    func aborted(_ reason: BodyAbort) { receiver.cancel() }
}

/// Hands the one file part of a form to the receiver of its route; other parts are refused.
///
/// Unchecked Sendable: the server calls one at a time.
final class RouteFormSink: MultipartSink, @unchecked Sendable {
    let context: RequestContext
    let receiver: any UploadReceiver
    private let field: String
    private var hasFile = false

    init(context: RequestContext, receiver: any UploadReceiver, field: String) {
        self.context = context
        self.receiver = receiver
        self.field = field
    }

    /// Whether the expected part arrived.
    var isComplete: Bool { hasFile }

    func partBegan(_ part: MultipartPart) throws {
        guard part.name == field, !hasFile else {
            throw Problem.badRequest(
                hasFile ? "the form has more than one part" : "the form has no part named \"\(field)\"",
                subject: part.name.printable(limit: 60), remedy: "send one file in the part \"\(field)\"")
        }
        guard let name = part.filename, !name.isEmpty else {
            throw Problem.badRequest("the part \"\(field)\" has no file name", subject: field)
        }
        hasFile = true
        try receiver.named(name)
    }

    func partData(_ bytes: UnsafeRawBufferPointer) throws { try receiver.receive(bytes) }

    func partEnded() throws {}

    func aborted(_ reason: BodyAbort) { receiver.cancel() }
}
