import CMicrohttpd
import Glibc

/// A small real HTTP service that Aurora's demo updates: it serves the version that was compiled into it.
///
/// `GET /version`, `GET /healthz`, and `POST /restart`, which runs the program that lies at its own path now. The
/// listening socket goes on to the new program, so a client that comes meanwhile waits and is not refused.
///
///     version-service PORT PATH-OF-THIS-PROGRAM
///     version-service check PORT
///
/// `check` asks whether a healthy service of exactly this program's version runs; in a trial, where none can, it starts
/// one of its own first.
@main
struct Service {
    static func main() {
        let words = CommandLine.arguments
        guard words.count == 3, let port = UInt16(words[1] == "check" ? words[2] : words[1]) else {
            fail("usage: version-service PORT PATH-OF-THIS-PROGRAM | version-service check PORT")
        }
        if words[1] == "check" { HealthCheck.run(port) }
        serve(port)
    }

    private static func serve(_ port: UInt16) -> Never {
        signal(SIGPIPE, SIG_IGN)
        let socket = ListeningSocket.inherited ?? ListeningSocket.open(port)
        let state = ServiceState()
        let context = Unmanaged.passUnretained(state).toOpaque()
        guard let daemon = service_start(socket, answer, context) else { fail("libmicrohttpd did not start") }
        while !state.isRestartWanted { _ = MHD_run_wait(daemon, -1) }
        // From here on nobody is accepted: who connects now is answered by the next program.
        _ = MHD_quiesce_daemon(daemon)
        for _ in 0..<100 where service_connections(daemon) > 0 { _ = MHD_run_wait(daemon, 20) }
        MHD_stop_daemon(daemon)
        ListeningSocket.passOn(socket)
        execute(CommandLine.arguments[2], CommandLine.arguments)
    }

    static func execute(_ program: String, _ arguments: [String]) -> Never {
        var vector = arguments.map { strdup($0) } + [nil]
        execv(program, &vector)
        fail("cannot run \(program): \(String(cString: strerror(errno)))")
    }

    static func fail(_ message: String) -> Never {
        fputs("version-service: \(message)\n", stderr)
        exit(1)
    }
}

/// What the request handler tells the main loop; both run on the one thread.
final class ServiceState {
    var isRestartWanted = false
}

/// Answers one request; libmicrohttpd has parsed it.
private func answer(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ url: UnsafePointer<CChar>?,
    _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?, _ body: UnsafePointer<CChar>?,
    _ bodySize: UnsafeMutablePointer<Int>?, _ request: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let context, let url, let method, let request else { return .NO }
    // The first call only has the head of the request; a body is read and dropped.
    if request.pointee == nil {
        request.pointee = context
        return .YES
    }
    if let bodySize, bodySize.pointee > 0 {
        bodySize.pointee = 0
        return .YES
    }
    let state = Unmanaged<ServiceState>.fromOpaque(context).takeUnretainedValue()
    switch (String(cString: method), String(cString: url)) {
    case ("GET", "/version"): return reply(connection, 200, "\(serviceVersion)\n")
    case ("GET", "/healthz"): return health(connection)
    case ("POST", "/restart"):
        state.isRestartWanted = true
        return reply(connection, 200, "restarting\n")
    default: return reply(connection, 404, "no such thing\n")
    }
}

/// 200 when all is well, and the asker wants this version or does not care.
private func health(_ connection: OpaquePointer?) -> MHD_Result {
    guard isServiceHealthy else { return reply(connection, 500, "version \(serviceVersion) is sick\n") }
    if let wanted = MHD_lookup_connection_value(connection, .GET_ARGUMENT_KIND, "version"),
        String(cString: wanted) != serviceVersion
    {
        return reply(connection, 409, "this is version \(serviceVersion)\n")
    }
    return reply(connection, 200, "ok \(serviceVersion)\n")
}

private func reply(_ connection: OpaquePointer?, _ status: UInt32, _ text: String) -> MHD_Result {
    var text = text
    let response = text.withUTF8 { bytes in
        MHD_create_response_from_buffer(
            bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress), .RESPMEM_MUST_COPY)
    }
    defer { MHD_destroy_response(response) }
    _ = MHD_add_response_header(response, "Connection", "close")
    return MHD_queue_response(connection, status, response)
}

/// The socket that outlives the program.
enum ListeningSocket {
    private static let variable = "VERSION_SERVICE_SOCKET"

    /// The socket the program before this one listened on.
    static var inherited: Int32? { getenv(variable).flatMap { Int32(String(cString: $0)) } }

    /// A new socket on loopback.
    static func open(_ port: UInt16) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, 4)
        let isBound = withAddress(port) { bind(descriptor, $0, $1) == 0 }
        guard descriptor >= 0, isBound, listen(descriptor, 128) == 0 else {
            Service.fail("cannot listen on port \(port): \(String(cString: strerror(errno)))")
        }
        return descriptor
    }

    /// Gives `body` the loopback address with that port.
    static func withAddress<Result>(
        _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// Lets the next program find the socket.
    static func passOn(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFD, 0)
        setenv(variable, String(descriptor), 1)
    }
}
