/// Hands the bytes of one body to whatever takes them; used by one worker at a time.
protocol BodyFeed: AnyObject, Sendable {
    /// Takes the next bytes.
    func feed(_ bytes: UnsafeRawBufferPointer) throws
    /// All bytes were fed.
    func end() throws
    /// There will be no more; `rest` arrived but was not fed yet.
    func abort(_ reason: BodyAbort, rest: [UInt8])
    /// What the handler is told about the body.
    var received: ReceivedBody { get }
}

/// Feeds a plain body to its sink.
final class StreamFeed: BodyFeed {
    private let sink: any BodySink

    init(_ sink: any BodySink) {
        self.sink = sink
    }

    var received: ReceivedBody { .stream(sink) }

    func feed(_ bytes: UnsafeRawBufferPointer) throws {
        try sink.receive(bytes)
    }

    func end() throws {}

    /// What arrived is still handed on: a resumable upload can go on from there.
    func abort(_ reason: BodyAbort, rest: [UInt8]) {
        if reason != .refused, !rest.isEmpty {
            try? rest.withUnsafeBytes { try sink.receive($0) }
        }
        sink.aborted(reason)
    }
}
