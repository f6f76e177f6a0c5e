import Glibc

/// Asks the running service, by curl, whether it is healthy and of this program's version.
enum HealthCheck {
    /// Never returns: curl's exit status is the answer.
    static func run(_ port: UInt16) -> Never {
        if getenv("AURORA_TRIAL") != nil { startOwnService(port) }
        let address = "http://127.0.0.1:\(port)/healthz?version=\(serviceVersion)"
        let curl = "/usr/bin/curl"
        Service.execute(curl, [curl, "-fsS", "--max-time", "10", address])
    }

    /// A trial runs without the machine's network: the only service there is the one started here.
    ///
    /// It ends with the trial.
    private static func startOwnService(_ port: UInt16) {
        var vector = [strdup("/proc/self/exe"), strdup(String(port)), strdup("/proc/self/exe"), nil]
        var child: pid_t = 0
        guard posix_spawn(&child, "/proc/self/exe", nil, nil, &vector, environ) == 0 else {
            Service.fail("cannot start a service for the trial")
        }
        for _ in 0..<250 {
            if isAnswering(port) { return }
            usleep(20_000)
        }
    }

    private static func isAnswering(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        return ListeningSocket.withAddress(port) { connect(descriptor, $0, $1) == 0 }
    }
}
