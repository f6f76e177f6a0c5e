/// What a probe is asked for.
package enum ProbeRole: String, CaseIterable, Hashable, Sendable, Codable {
    /// Has it come up? Until it passes the service is STARTING.
    case startup
    /// Does it work? Decides between READY and DEGRADED.
    case ready
    /// Is it beyond help? When it fails the service is started again.
    case live
}

/// A question to a service that is asked again and again.
package struct Probe: Hashable, Sendable {
    /// How the question is put.
    package enum Check: Hashable, Sendable {
        /// A command in the service's own room; exit status 0 is good.
        case command([String])
        /// A GET on the loopback; statuses 200 to 399 are good.
        case http(port: UInt16, path: String)
        /// A connection to that port of the loopback.
        case tcp(port: UInt16)
        /// A connection to a socket in one of the room's mounts; the path is the one inside.
        case unix(path: String)
    }

    package var check: Check
    /// From the end of one run to the beginning of the next; runs never overlap.
    package var period: Duration = .seconds(10)
    /// Longest duration of one run.
    package var timeout: Duration = .seconds(10)
    /// So many good answers in a row count as good.
    package var successes = 1
    /// So many bad answers in a row count as bad.
    package var failures = 3

    /// A probe with the usual times.
    package init(_ check: Check) { self.check = check }
}

/// What one run of a probe found.
package struct ProbeAnswer: Hashable, Sendable {
    package let passed: Bool
    /// What was seen, in one line of at most 500 characters.
    package let detail: String
    /// The end of what a command printed, as it is.
    package let output: [UInt8]
    package let duration: Duration
}

/// Counts the answers to one probe: one bad answer among good ones changes nothing.
struct ProbeCounter: Hashable, Sendable {
    private let probe: Probe
    private var good = 0
    private var bad = 0

    init(_ probe: Probe) { self.probe = probe }

    /// The verdict that follows from one more answer; nil while too few agree.
    mutating func count(_ passed: Bool) -> Bool? {
        good = passed ? min(good, Int.max - 1) + 1 : 0
        bad = passed ? 0 : min(bad, Int.max - 1) + 1
        if passed { return good >= probe.successes ? true : nil }
        return bad >= probe.failures ? false : nil
    }
}
