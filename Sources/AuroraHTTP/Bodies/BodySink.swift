/// Why a body ended before its end.
package enum BodyAbort: Hashable, Sendable {
    /// The other side closed the connection or broke the protocol.
    case connectionLost
    /// The other side was slower than the limits allow.
    case tooSlow
    /// The server is stopping.
    case stopping
    /// The sink itself threw, or the body grew over its limit.
    case refused
}

/// Takes the bytes of one body in order.
///
/// Calls come from worker threads, one at a time; the next bytes are not read from the network while more than
/// ``HTTPLimits/bodyBufferBytes`` wait, so a slow sink slows the sender and memory stays bounded.
package protocol BodySink: AnyObject, Sendable {
    /// Takes the next bytes; the buffer is valid only during the call. A thrown error ends the request.
    func receive(_ bytes: UnsafeRawBufferPointer) throws
    /// Told once when the body will not be completed; not called after the last byte arrived.
    func aborted(_ reason: BodyAbort)
}

/// What the headers of one part of a form say.
package struct MultipartPart: Hashable, Sendable {
    /// The field's name.
    package var name: String
    /// The file name the sender gave: a label, never a path.
    package var filename: String?
    /// The part's declared content type.
    package var contentType: String?

    /// Describes a part.
    package init(name: String, filename: String? = nil, contentType: String? = nil) {
        self.name = name
        self.filename = filename
        self.contentType = contentType
    }
}

/// Takes the parts of one `multipart/form-data` body in order, under the rules of ``BodySink``.
package protocol MultipartSink: AnyObject, Sendable {
    /// A part starts.
    func partBegan(_ part: MultipartPart) throws
    /// The next bytes of the part that started last; the buffer is valid only during the call.
    func partData(_ bytes: UnsafeRawBufferPointer) throws
    /// The part that started last is complete.
    func partEnded() throws
    /// Told once when the body will not be completed.
    func aborted(_ reason: BodyAbort)
}
