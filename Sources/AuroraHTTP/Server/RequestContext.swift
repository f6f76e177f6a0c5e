import CMicrohttpd
import Glibc
import Synchronization

/// One request from its first line to its last byte.
///
/// Everything here is touched by the socket thread, or by one worker while the connection is suspended and the socket
/// thread stays away: never by both. ``isAtWorker`` says whose it is, and its release and acquire order the two.
final class RequestContext: @unchecked Sendable {
    /// What the next call of the library means.
    private enum Stage {
        case headExpected
        case answerExpected
        case planned(BodyPlan)
        case collecting(maximum: Int)
        case feeding(any BodyFeed)
        case failed(HTTPResponse)
        case answered(HTTPResponse, NativeResponse)
        case over
    }

    private let loop: EventLoop
    private let record: ConnectionRecord
    private let connection: OpaquePointer
    private var line: RequestLine
    private var stage = Stage.headExpected
    private var head: RequestHead?
    private var pending: [UInt8] = []
    private var feed: (any BodyFeed)?
    private var stream: EventStream?
    private var parked: ParkedAnswer?
    private var status = 0
    private let began = ContinuousClock.now
    private let working = Atomic<Bool>(false)

    private var core: ServerCore { loop.core }
    private var limits: HTTPLimits { loop.core.configuration.limits }

    init(loop: EventLoop, record: ConnectionRecord, connection: OpaquePointer, line: RequestLine) {
        self.loop = loop
        self.record = record
        self.connection = connection
        self.line = line
        loop.core.requestsInFlight.add(1, ordering: .relaxed)
    }

    // MARK: On the socket thread

    /// Whether a worker has the request: nothing else of it may be touched then.
    var isAtWorker: Bool { working.load(ordering: .acquiring) }

    /// Takes the next step: the head is complete, `bytes` of the body arrived, the body is complete, or a worker is done.
    ///
    /// - Returns: `false` to close the connection at once.
    func advance(method: UnsafePointer<CChar>, version: UnsafePointer<CChar>, bytes: UnsafeRawBufferPointer) -> Bool {
        if !bytes.isEmpty { return bodyArrived(bytes) }
        switch stage {
        case .headExpected: return headArrived(method: method, version: version)
        case .answerExpected: return answerBodyless()
        case .planned(let plan): return follow(plan)
        case .collecting, .feeding: return bodyEnded()
        case .failed(let response): return answerNow(response)
        case .answered(let response, let native): return send(response, native)
        case .over: return false
        }
    }

    /// Answers a request whose head the library refuses itself.
    func refuseOpenHead(_ refusal: TransportRefusal) {
        guard case .headExpected = stage else { return }
        _ = refuse(refusal)
        record.shutSending()
    }

    /// The library is done with the request; nothing may touch the connection after this.
    func finished(isComplete: Bool) {
        loop.headEnded(self)
        record.requestEnded(limits: limits)
        stream?.detach()
        if let feed { abandon(feed) }
        feed = nil
        if let onFinished = core.configuration.onFinished {
            onFinished(
                FinishedRequest(
                    head: head, status: status, duration: .now - began, isComplete: isComplete,
                    remoteAddress: record.address))
        }
        core.requestsInFlight.subtract(1, ordering: .releasing)
    }

    private func headArrived(method: UnsafePointer<CChar>, version: UnsafePointer<CChar>) -> Bool {
        loop.headEnded(self)
        line.complete(method: method, version: version)
        do throws(TransportRefusal) {
            let head = try HeadReader.read(connection, line: line, record: record, limits: limits)
            self.head = head
            guard head.hasBody else {
                stage = .answerExpected
                return true
            }
            handOver { request in
                request.stage = .planned(request.core.handler.begin(head))
            }
            return true
        } catch {
            return refuse(error)
        }
    }

    private func answerBodyless() -> Bool {
        guard let head else { return false }
        record.workBegan()
        if let response = core.handler.fast(head) {
            guard let native = native(response) else { return false }
            return send(response, native)
        }
        handOver { request in
            switch request.core.handler.begin(head) {
            case .reject(let response): request.finish(with: response)
            case .none: request.finish(with: request.core.handler.respond(HTTPRequest(head: head)))
            case .collect: request.finish(with: request.core.handler.respond(HTTPRequest(head: head, body: .bytes([]))))
            case .stream(let sink):
                request.finish(with: request.core.handler.respond(HTTPRequest(head: head, body: .stream(sink))))
            case .multipart(let sink):
                sink.aborted(.refused)
                let refusal = TransportRefusal(.bodyMalformed, detail: "a multipart/form-data body is expected")
                request.finish(with: request.core.answer(to: refusal, from: request.record))
            }
        }
        return true
    }

    private func follow(_ plan: BodyPlan) -> Bool {
        guard let head else { return false }
        let tooLarge = TransportRefusal(
            .bodyTooLarge, status: 413, detail: "the body is larger than is taken here")
        switch plan {
        case .none:
            return refuse(TransportRefusal(.bodyUnexpected, status: 413, detail: "no body is taken here"))
        case .reject(let response):
            return answerEarly(response)
        case .collect(let maximum):
            if let length = head.contentLength, length > UInt64(max(0, maximum)) { return refuse(tooLarge) }
            stage = .collecting(maximum: maximum)
        case .stream(let sink):
            start(StreamFeed(sink))
        case .multipart(let sink):
            guard let made = MultipartFeed(sink, connection: connection, head: head) else {
                core.workers.submit { sink.aborted(.refused) }
                return refuse(TransportRefusal(.bodyMalformed, status: 415, detail: "multipart/form-data is expected"))
            }
            start(made)
        }
        record.received(0)
        return true
    }

    private func start(_ feed: any BodyFeed) {
        self.feed = feed
        stage = .feeding(feed)
    }

    private func bodyArrived(_ bytes: UnsafeRawBufferPointer) -> Bool {
        record.received(bytes.count)
        switch stage {
        case .collecting(let maximum):
            guard pending.count + bytes.count <= maximum else {
                return refuse(
                    TransportRefusal(.bodyTooLarge, status: 413, detail: "the body is larger than is taken here"))
            }
            pending.append(contentsOf: bytes)
            return true
        case .feeding(let feed):
            if pending.isEmpty { pending.reserveCapacity(limits.bodyBufferBytes + bytes.count) }
            pending.append(contentsOf: bytes)
            if pending.count >= limits.bodyBufferBytes {
                handOver { $0.flush(feed) }
            }
            return true
        case .failed(let response):
            return answerNow(response)
        default:
            return false
        }
    }

    private func bodyEnded() -> Bool {
        guard let head else { return false }
        if case .collecting = stage {
            let bytes = pending
            pending = []
            handOver { request in
                request.finish(with: request.core.handler.respond(HTTPRequest(head: head, body: .bytes(bytes))))
            }
        } else if case .feeding(let feed) = stage {
            handOver { $0.complete(feed, head) }
        }
        return true
    }

    /// Suspends the connection and lets a worker go on; the library calls again when it is resumed.
    private func handOver(_ job: @escaping @Sendable (RequestContext) -> Void) {
        record.workBegan()
        working.store(true, ordering: .relaxed)
        MHD_suspend_connection(connection)
        core.workers.submit {
            job(self)
            self.goOn()
        }
    }

    private func send(_ response: HTTPResponse, _ native: NativeResponse) -> Bool {
        stage = .over
        status = response.status
        if case .events(let events) = response.body {
            stream = events
            events.attach(connection)
        }
        record.sendBegan(stream: stream)
        return MHD_queue_response(connection, UInt32(response.status), native.pointer) == .YES
    }

    /// Answers before the body was read.
    ///
    /// The library closes the connection after it.
    private func answerEarly(_ response: HTTPResponse) -> Bool {
        guard let native = native(response) else { return false }
        record.lingerAtClose()
        return send(response, native)
    }

    /// Answers in the middle of a body, or where the library would answer badly, and closes.
    private func answerNow(_ response: HTTPResponse) -> Bool {
        stage = .over
        status = response.status
        record.lingerAtClose()
        let isHead = head?.isHead ?? (line.method == "HEAD")
        RawAnswer.send(response, common: core.configuration.commonHeaders, withBody: !isHead, on: connection)
        return false
    }

    private func refuse(_ refusal: TransportRefusal) -> Bool {
        answerNow(core.answer(to: refusal, from: record))
    }

    private func abandon(_ feed: any BodyFeed) {
        if case .feeding = stage {
            let reason: BodyAbort = core.isDraining ? .stopping : record.isCut ? .tooSlow : .connectionLost
            let rest = pending
            core.workers.submit { feed.abort(reason, rest: rest) }
        }
    }

    // MARK: On a worker

    /// Gives the request back to the socket thread, or leaves it suspended, without a worker, while its answer waits.
    private func goOn() {
        guard let parked else {
            working.store(false, ordering: .releasing)
            MHD_resume_connection(connection)
            return
        }
        self.parked = nil
        record.waitBegan(parked.waker)
        parked.waker.onWake { reason in
            self.core.workers.submit {
                self.record.waitEnded()
                self.finish(with: self.answer(of: parked, reason))
                self.goOn()
            }
        }
    }

    private func answer(of parked: ParkedAnswer, _ reason: WakeReason) -> HTTPResponse {
        do {
            return try parked.answer(reason)
        } catch {
            guard let head else { return HTTPResponse(status: 500) }
            return core.handler.failed(error, head: head)
        }
    }

    private func flush(_ feed: any BodyFeed) {
        do {
            try pending.withUnsafeBytes { try feed.feed($0) }
            pending.removeAll(keepingCapacity: true)
            stage = .feeding(feed)
            record.received(0)
        } catch {
            fail(feed, error)
        }
    }

    private func complete(_ feed: any BodyFeed, _ head: RequestHead) {
        do {
            if !pending.isEmpty { try pending.withUnsafeBytes { try feed.feed($0) } }
            pending = []
            try feed.end()
            self.feed = nil
            finish(with: core.handler.respond(HTTPRequest(head: head, body: feed.received)))
        } catch {
            fail(feed, error)
        }
    }

    private func fail(_ feed: any BodyFeed, _ error: any Error) {
        pending = []
        feed.abort(.refused, rest: [])
        self.feed = nil
        if let refusal = error as? TransportRefusal {
            stage = .failed(core.answer(to: refusal, from: record))
        } else if let head {
            stage = .failed(core.handler.failed(error, head: head))
        }
    }

    /// Makes the library's form of an answer, which the socket thread then only queues.
    private func finish(with response: HTTPResponse) {
        if case .parked(let parked) = response.body {
            self.parked = parked
        } else if let native = native(response) {
            stage = .answered(response, native)
        } else {
            stage = .failed(HTTPResponse(status: 500, text: "the answer could not be made\n"))
        }
    }

    private func native(_ response: HTTPResponse) -> NativeResponse? {
        let common = core.configuration.commonHeaders
        // After a chunked body the connection ends: bytes a proxy may have framed otherwise never become a request.
        let closes = response.closesConnection || core.isDraining || head?.isChunked == true
        if case .prepared(let prepared) = response.body {
            if !closes { return prepared.nativeResponse(commonHeaders: common) }
            var headers = prepared.headers
            headers.fill(from: common)
            return NativeResponse.make(response, headers: headers, closes: true)
        }
        var headers = response.headers
        headers.fill(from: common)
        return NativeResponse.make(response, headers: headers, closes: closes)
    }
}
