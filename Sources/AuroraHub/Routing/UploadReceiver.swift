import AuroraHTTP

/// Takes the bytes of one upload while they arrive, then says what to answer.
///
/// All calls come from one thread at a time. After `cancel` nothing else is called.
protocol UploadReceiver: AnyObject, Sendable {
    /// More bytes. A throw refuses the upload; the receiver has cleaned up.
    func receive(_ bytes: UnsafeRawBufferPointer) throws
    /// The file name of a multipart part, before its first byte.
    func named(_ fileName: String) throws
    /// All bytes are there: store durably and answer.
    func complete(_ context: RequestContext) throws -> HTTPResponse
    /// The client went away or the request was refused.
    func cancel()
}
