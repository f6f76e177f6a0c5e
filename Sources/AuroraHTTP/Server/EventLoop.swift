import CMicrohttpd
import Glibc

/// One libmicrohttpd daemon: a listening socket and the one thread that serves its connections.
///
/// The library calls back on that thread only, and its calls for one connection never overlap.
final class EventLoop: @unchecked Sendable {
    let core: ServerCore
    private let listening: ListeningSocket
    /// Set in `start`, cleared in `stop`, both called by the server under its lock.
    private var daemon: OpaquePointer?
    /// Requests whose line arrived and whose head is not complete; the socket thread's own.
    private var openHeads: [RequestContext] = []

    /// What the library's logger is given; lives as long as this object.
    private let logTarget: UnsafeMutablePointer<aurora_mhd_log_target>

    init(core: ServerCore, listening: ListeningSocket) {
        self.core = core
        self.listening = listening
        logTarget = .allocate(capacity: 1)
        logTarget.initialize(to: aurora_mhd_log_target())
        logTarget.pointee.context = Unmanaged.passUnretained(self).toOpaque()
        logTarget.pointee.function = Callbacks.log
    }

    deinit {
        logTarget.deallocate()
    }

    /// Starts the thread.
    func start() throws(HTTPServerError) {
        let flags =
            MHD_USE_EPOLL_INTERNAL_THREAD.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue
            | MHD_USE_ERROR_LOG.rawValue | (core.tls == nil ? 0 : MHD_USE_TLS.rawValue)
        let context = Unmanaged.passUnretained(self).toOpaque()
        let priorities = strdup(TLSIdentity.priorities)
        defer { free(priorities) }
        // The logger first, so that nothing is ever printed to standard error.
        var options = [
            MHD_OptionItem(option: .EXTERNAL_LOGGER, value: Int(aurora_mhd_log_adapter()), ptr_value: logTarget)
        ]
        options += Callbacks.options(context, limits: core.configuration.limits, socket: listening.descriptor)
        if core.tls != nil {
            options.append(MHD_OptionItem(option: .HTTPS_PRIORITIES, value: 0, ptr_value: priorities))
            let retrieve = unsafeBitCast(TLSKeeper.retrieve, to: UnsafeMutableRawPointer.self)
            options.append(MHD_OptionItem(option: .HTTPS_CERT_CALLBACK, value: 0, ptr_value: retrieve))
        }
        options.append(MHD_OptionItem(option: .END, value: 0, ptr_value: nil))
        daemon = options.withUnsafeMutableBufferPointer { options in
            guard let first = options.baseAddress else { return nil }
            let arguments: [any CVarArg] = [
                Int32(bitPattern: MHD_OPTION.ARRAY.rawValue), OpaquePointer(first),
                Int32(bitPattern: MHD_OPTION.END.rawValue),
            ]
            return withVaList(arguments) { list in
                MHD_start_daemon_va(flags, 0, Callbacks.accept, context, Callbacks.access, context, list)
            }
        }
        if daemon == nil { throw .start(address: "port \(listening.port)") }
    }

    /// Accepts no more connections; open ones go on.
    func quiesce() {
        if let daemon { MHD_quiesce_daemon(daemon) }
    }

    /// Ends the thread; no connection may be suspended any more, or the library ends the process.
    func stop() {
        if let daemon { MHD_stop_daemon(daemon) }
        daemon = nil
    }

    // MARK: On the socket thread

    fileprivate func opened(_ connection: OpaquePointer) -> ConnectionRecord {
        let record = ConnectionRecord(connection, isTLS: core.tls != nil, limits: core.configuration.limits)
        core.opened(record)
        return record
    }

    fileprivate func lineArrived(_ reported: UnsafePointer<CChar>, _ connection: OpaquePointer) -> RequestContext? {
        guard let record = Callbacks.record(of: connection) else { return nil }
        let line = RequestLine(reported: reported)
        line.shield(reported, connection)
        record.headBegan(limits: core.configuration.limits)
        let request = RequestContext(loop: self, record: record, connection: connection, line: line)
        openHeads.append(request)
        return request
    }

    /// The head of `request` is complete, or the request over.
    func headEnded(_ request: RequestContext) {
        if let index = openHeads.lastIndex(where: { $0 === request }) {
            openHeads.remove(at: index)
        }
    }

    /// Answers a broken Content-Length in the library's place.
    ///
    /// libmicrohttpd 0.9.75 would send two header blocks. It logs first: the one request whose head is open gets a proper
    /// answer, and the library's own fails on a socket that takes nothing more.
    fileprivate func logged(_ message: String) {
        let isLength = message.hasPrefix("Failed to parse `Content-Length'") || message.hasPrefix("Too large value of")
        guard isLength, openHeads.count == 1 else { return }
        openHeads[0].refuseOpenHead(
            TransportRefusal(.lengthAmbiguous, detail: "Content-Length is not a number of bytes"))
    }
}

/// The C functions the library calls, each no more than a way into the objects above.
private enum Callbacks {
    static let accept: MHD_AcceptPolicyCallback = { context, address, _ in
        guard let loop = loop(context) else { return .NO }
        return loop.core.mayAccept(SocketAddress(address).key) ? .YES : .NO
    }

    static let access: MHD_AccessHandlerCallback = { _, connection, _, method, version, data, size, slot in
        guard let connection, let method, let version, let size, let request = request(slot?.pointee) else {
            return .NO
        }
        if request.isAtWorker {
            // In a body of many chunks the library calls on within one buffer although the connection is suspended:
            // nothing is taken, and it brings the same bytes again after the connection is resumed.
            return .YES
        }
        let bytes = UnsafeRawBufferPointer(start: data, count: size.pointee)
        size.pointee = 0
        return request.advance(method: method, version: version, bytes: bytes) ? .YES : .NO
    }

    private static let connectionNotice:
        @convention(c) (
            UnsafeMutableRawPointer?, OpaquePointer?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
            MHD_ConnectionNotificationCode
        ) -> Void = { context, connection, slot, code in
            guard let loop = loop(context), let connection, let slot else { return }
            if code.rawValue == 0 {  // MHD_CONNECTION_NOTIFY_STARTED
                slot.pointee = Unmanaged.passRetained(loop.opened(connection)).toOpaque()
            } else if let opaque = slot.pointee {
                slot.pointee = nil
                loop.core.closed(Unmanaged<ConnectionRecord>.fromOpaque(opaque).takeRetainedValue())
            }
        }

    private static let lineNotice:
        @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?) -> UnsafeMutableRawPointer? = {
            context, target, connection in
            guard let loop = loop(context), let target, let connection else { return nil }
            return loop.lineArrived(target, connection).map { Unmanaged.passRetained($0).toOpaque() }
        }

    private static let completionNotice:
        @convention(c) (
            UnsafeMutableRawPointer?, OpaquePointer?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
            MHD_RequestTerminationCode
        ) -> Void = { _, _, slot, code in
            guard let slot, let opaque = slot.pointee else { return }
            slot.pointee = nil
            let request = Unmanaged<RequestContext>.fromOpaque(opaque).takeRetainedValue()
            // MHD_REQUEST_TERMINATED_COMPLETED_OK is 0.
            request.finished(isComplete: code.rawValue == 0)
        }

    /// Leaves the target as it is: it is decoded once, by PathParser, where a NUL cannot cut it.
    private static let unescape:
        @convention(c) (UnsafeMutableRawPointer?, OpaquePointer?, UnsafeMutablePointer<CChar>?) -> Int = { _, _, text in
            text.map { strlen($0) } ?? 0
        }

    static let log: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?) -> Void = { context, format in
        guard let format else { return }
        loop(context)?.logged(String(cString: format))
    }

    static func options(_ context: UnsafeMutableRawPointer, limits: HTTPLimits, socket: Int32) -> [MHD_OptionItem] {
        func item(_ option: MHD_OPTION, _ value: Int) -> MHD_OptionItem {
            MHD_OptionItem(option: option, value: value, ptr_value: nil)
        }
        func notice<Function>(_ option: MHD_OPTION, _ function: Function) -> MHD_OptionItem {
            MHD_OptionItem(option: option, value: unsafeBitCast(function, to: Int.self), ptr_value: context)
        }
        return [
            item(.LISTEN_SOCKET, Int(socket)),
            item(.CONNECTION_LIMIT, limits.connections),
            item(.CONNECTION_MEMORY_LIMIT, limits.connectionMemoryBytes),
            notice(.NOTIFY_CONNECTION, connectionNotice),
            notice(.URI_LOG_CALLBACK, lineNotice),
            notice(.NOTIFY_COMPLETED, completionNotice),
            notice(.UNESCAPE_CALLBACK, unescape),
        ]
    }

    static func record(of connection: OpaquePointer) -> ConnectionRecord? {
        aurora_mhd_socket_context(connection).map {
            Unmanaged<ConnectionRecord>.fromOpaque($0).takeUnretainedValue()
        }
    }

    private static func loop(_ context: UnsafeMutableRawPointer?) -> EventLoop? {
        context.map { Unmanaged<EventLoop>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func request(_ context: UnsafeMutableRawPointer?) -> RequestContext? {
        context.map { Unmanaged<RequestContext>.fromOpaque($0).takeUnretainedValue() }
    }
}
