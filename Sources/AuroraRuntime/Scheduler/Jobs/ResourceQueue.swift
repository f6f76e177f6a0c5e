/// Counting semaphores by name, taken all or none: who asks first goes first among equals, and who waits long goes before
/// everyone.
///
/// A request that can be met passes one that cannot, until that one has waited ``patience``; from then on nobody
/// takes what it is waiting for. So nothing starves, and as nobody holds while waiting nothing locks up.
struct ResourceQueue {
    struct Request: Hashable {
        /// Whose request it is: the ticket of a live run.
        let run: UInt64
        let job: JobID
        let tags: [String: Int]
        let priority: Priority
        /// Nanoseconds of the boot clock.
        let since: Int64
    }

    /// Nanoseconds that a request may be passed for.
    static let patience: Int64 = 60_000_000_000

    /// How much of each there is; what is not named here is there once.
    let capacities: [String: Int]
    private var used: [String: Int] = [:]
    private var holders: [UInt64: [String: Int]] = [:]
    private(set) var waiting: [Request] = []

    init(capacities: [String: Int]) { self.capacities = capacities }

    /// Adds a request behind all of its priority.
    mutating func request(_ request: Request) {
        let place = waiting.lastIndex { $0.priority >= request.priority }.map { $0 + 1 } ?? 0
        waiting.insert(request, at: place)
    }

    /// Gives what was held back, or takes a request out.
    mutating func release(_ run: UInt64) {
        for (tag, count) in holders.removeValue(forKey: run) ?? [:] { used[tag, default: 0] -= count }
        waiting.removeAll { $0.run == run }
    }

    /// Takes the requests that can be met now, those that have waited too long first.
    mutating func grant(now: Int64) -> [Request] {
        guard !waiting.isEmpty else { return [] }
        let old = waiting.filter { now - $0.since >= Self.patience }.sorted { $0.since < $1.since }
        let young = waiting.filter { now - $0.since < Self.patience }
        var reserved: Set<String> = []
        var granted: [Request] = []
        for request in old + young {
            let short = missing(request)
            if short.isEmpty, reserved.isDisjoint(with: request.tags.keys) {
                for (tag, count) in request.tags { used[tag, default: 0] += count }
                holders[request.run] = request.tags
                granted.append(request)
            } else if now - request.since >= Self.patience {
                reserved.formUnion(request.tags.keys)
            }
        }
        let runs = Set(granted.map(\.run))
        waiting.removeAll { runs.contains($0.run) }
        return granted
    }

    /// When the first request that waits has waited long enough to go before everyone; nil when none does so later.
    func nextPatienceEnd(after now: Int64) -> Int64? {
        waiting.map { $0.since + Self.patience }.filter { $0 > now }.min()
    }

    private func missing(_ request: Request) -> [String] {
        request.tags.keys.sorted().filter { tag in
            used[tag, default: 0] + request.tags[tag, default: 0] > capacities[tag] ?? 1
        }
    }

    /// Who waits for whom, in the order of the queue: the request, the resources it lacks, the tickets that hold them.
    var waits: [(request: Request, tags: [String], holders: [UInt64])] {
        waiting.map { request in
            let short = missing(request)
            let tags = short.isEmpty ? request.tags.keys.sorted() : short
            let holding = holders.filter { holder in tags.contains { holder.value[$0] != nil } }
            return (request, tags, holding.keys.sorted())
        }
    }
}
