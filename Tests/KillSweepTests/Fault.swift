import Glibc

/// How one run is interrupted: at which call, how, and in which process.
struct Fault: Hashable, Sendable, CustomStringConvertible {
    /// The process whose calls are counted.
    enum Place: String, Sendable {
        case driver
        /// The child without rights that unpacks an artifact.
        case unpackChild = "the unpack child"
    }

    /// What happens at the call.
    enum Interruption: Hashable, Sendable {
        case killBefore(Int)
        case killAfter(Int)
        case tear(Int)
        case fail(Int, errno: Int32, isSticky: Bool)
    }

    let interruption: Interruption
    var place = Place.driver

    /// What the preload library reads.
    var environment: [String: String] {
        switch interruption {
        case .killBefore(let n): ["CRASH_AT": "\(n)"]
        case .killAfter(let n): ["CRASH_AFTER": "\(n)"]
        case .tear(let n): ["TEAR_AT": "\(n)"]
        case .fail(let n, let errno, let isSticky):
            ["FAIL_AT": "\(n)", "FAIL_ERRNO": "\(errno)", "FAIL_STICKY": isSticky ? "1" : "0"]
        }
    }

    /// Whether the driver itself is killed; a killed child is a failure that the driver has to report.
    var isKill: Bool {
        if case .fail = interruption { return false }
        return place == .driver
    }

    /// Whether from some call on every call fails, those included that clean up.
    var endsTheDisk: Bool {
        if case .fail(_, EIO, true) = interruption { return true }
        return false
    }

    var description: String {
        environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            + (place == .driver ? "" : " in \(place.rawValue)")
    }

    // MARK: All of them, and samples

    /// Every fault at every one of these points.
    static func all(_ points: [String], in place: Place = .driver) -> [Fault] {
        let numbers = Array(points.indices).map { $0 + 1 }
        let kills =
            numbers.map { Interruption.killBefore($0) } + numbers.map { .killAfter($0) }
            + writes(points).map { .tear($0) }
        return kills.map { Fault(interruption: $0, place: place) } + failures(points, in: place)
    }

    /// Every call that fails, alone or with all that follow.
    static func failures(_ points: [String], in place: Place = .driver) -> [Fault] {
        [ENOSPC, EIO].flatMap { errno in
            [false, true].flatMap { isSticky in
                points.indices.map { Interruption.fail($0 + 1, errno: errno, isSticky: isSticky) }
            }
        }.map { Fault(interruption: $0, place: place) }
    }

    /// The kills that leave a disk which no other one of them leaves.
    ///
    /// Before a call is after the one before it, and a sync changes nothing that a kill could take away.
    static func distinctKills(_ points: [String]) -> [Fault] {
        (changes(points).map { Interruption.killBefore($0) } + [.killAfter(points.count)]
            + writes(points).map { .tear($0) }).map { Fault(interruption: $0) }
    }

    /// The calls that change the disk: all but syncs.
    static func changes(_ points: [String]) -> [Int] {
        points.indices.filter { !points[$0].prefix { $0 != " " }.hasSuffix("sync") }.map { $0 + 1 }
    }

    /// The points at which bytes are written, which can be torn.
    private static func writes(_ points: [String]) -> [Int] {
        points.indices.filter { points[$0].prefix { $0 != " " }.contains("write") }.map { $0 + 1 }
    }
}

/// A small generator of numbers that is the same for the same seed (SplitMix64), so that a sample can be taken again.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
