/// All services together, still without doing anything: each one's machine, and who waits for whom.
///
/// A start waits until everything the service needs is ready; a stop waits until everything stopped with it that needs the
/// service has ended.
package struct Supervision: Sendable {
    /// A service as the order sees it.
    package struct Member: Hashable, Sendable {
        package let id: String
        package let settings: ServiceSettings
        /// The services it needs.
        package let needs: [String]

        package init(id: String, settings: ServiceSettings, needs: [String]) {
            self.id = id
            self.settings = settings
            self.needs = needs
        }
    }

    /// Something to do for one service.
    package struct Effect: Hashable, Sendable {
        package let id: String
        package let action: ServiceMachine.Action
    }

    private struct Stop {
        let cause: ServiceCause
        var isHandedOver = false
    }

    package private(set) var machines: [String: ServiceMachine] = [:]
    private var order = StartOrder()
    private var toStart: [String: ServiceCause] = [:]
    private var toStop: [String: Stop] = [:]
    /// Members no more; forgotten when they have ended.
    private var retired: Set<String> = []
    private let seed: UInt64

    /// Without members.
    ///
    /// - Parameter seed: of every random delay.
    package init(seed: UInt64) { self.seed = seed }

    /// Makes these the members: new ones are STAGED, changed ones follow their new settings from their next start on, and
    /// those that are missing are stopped and forgotten.
    package mutating func replace(
        _ members: [Member], cause: ServiceCause, at now: Duration
    ) throws(SupervisorError) -> [Effect] {
        let known = Set(members.map(\.id))
        let gone = machines.keys.filter { !known.contains($0) }
        var needs = Dictionary(members.map { ($0.id, $0.needs) }) { first, _ in first }
        for id in gone { needs[id] = order.needs(of: id) }
        order = try StartOrder(needs)
        for member in members {
            retired.remove(member.id)
            machines[member.id, default: ServiceMachine(settings: member.settings, seed: seed ^ member.id.stableHash)]
                .adopt(member.settings)
        }
        retired.formUnion(gone)
        return stop(gone, withDependants: false, cause: cause, at: now)
    }

    /// Starts these and everything they need.
    package mutating func start(
        _ ids: some Sequence<String>, cause: ServiceCause, at now: Duration
    ) -> [Effect] {
        let asked = Set(ids)
        for id in order.withNeeds(asked) where !retired.contains(id) {
            guard let machine = machines[id], asked.contains(id) || !machine.isUp else { continue }
            toStart[id] = cause
        }
        return advance(now)
    }

    /// Stops these, and what needs them first if asked.
    package mutating func stop(
        _ ids: some Sequence<String>, withDependants: Bool, cause: ServiceCause, at now: Duration
    ) -> [Effect] {
        let all = withDependants ? order.withDependants(ids) : Set(ids)
        for id in all where machines[id] != nil {
            toStart[id] = nil
            toStop[id] = toStop[id] ?? Stop(cause: cause)
        }
        return advance(now)
    }

    /// Takes in a report about one room.
    package mutating func report(
        _ id: String, attempt: Int, _ report: ServiceMachine.Report, at now: Duration
    ) -> [Effect] {
        hand(.report(attempt: attempt, report), to: id, now) + advance(now)
    }

    /// Lets time do its work.
    package mutating func passTime(to now: Duration) -> [Effect] {
        order.order.flatMap { hand(.clock, to: $0, now) } + advance(now)
    }

    /// When ``passTime(to:)`` is to be called next.
    package var deadline: Duration? { machines.values.compactMap(\.deadline).min() }

    /// The members in the order of their start.
    package var members: [String] { order.order.filter { machines[$0] != nil && !retired.contains($0) } }

    /// These and everything they need.
    package func withNeeds(_ ids: some Sequence<String>) -> Set<String> { order.withNeeds(ids) }

    /// These and everything that needs them.
    package func withDependants(_ ids: some Sequence<String>) -> Set<String> { order.withDependants(ids) }

    /// What a service that shall start waits for; empty when nothing holds it back.
    package func waits(_ id: String) -> [String] { toStart[id] == nil ? [] : unmet(id) }

    /// Whether nothing more is to be expected soon of a start that was asked for: it works, it has failed, or it is held back
    /// by something that has failed.
    package func isSettled(_ id: String) -> Bool {
        guard let machine = machines[id], toStop[id] == nil else { return toStop[id] == nil }
        guard toStart[id] != nil else { return machine.state != .starting && machine.state != .stopping }
        // A dependency that nobody starts will not become ready either.
        return unmet(id).contains { isSettled($0) }
    }

    /// Whether a stop that was asked for is through.
    package func isStopped(_ id: String) -> Bool { toStop[id] == nil && machines[id]?.isOpen != true }

    /// How long it takes at most to stop everything, when each takes as long as `times` says; after what needs it.
    package func longestStop(_ times: [String: Duration]) -> Duration {
        var ends: [String: Duration] = [:]
        for id in order.order.reversed() {
            let begin = order.dependants(of: id).compactMap { ends[$0] }.max() ?? .zero
            ends[id] = begin + (times[id] ?? .zero)
        }
        return ends.values.max() ?? .zero
    }

    /// Whether no room is open and none is to be opened.
    package var isQuiet: Bool { toStop.isEmpty && machines.values.allSatisfy { !$0.isOpen } }

    // MARK: Order

    private func unmet(_ id: String) -> [String] {
        order.needs(of: id).filter { machines[$0]?.isSatisfied != true }
    }

    private mutating func advance(_ now: Duration) -> [Effect] {
        var effects: [Effect] = []
        var before = -1
        while before != effects.count {
            before = effects.count
            effects += advanceStops(now) + advanceStarts(now)
        }
        for id in retired where machines[id]?.isOpen == false && toStop[id] == nil {
            machines[id] = nil
            retired.remove(id)
        }
        return effects
    }

    private mutating func advanceStops(_ now: Duration) -> [Effect] {
        var effects: [Effect] = []
        for id in order.order.reversed() {
            guard let stop = toStop[id] else { continue }
            if !stop.isHandedOver, !order.dependants(of: id).contains(where: { toStop[$0] != nil }) {
                toStop[id]?.isHandedOver = true
                effects += hand(.stopAsked(stop.cause), to: id, now)
            }
            if toStop[id]?.isHandedOver == true, machines[id]?.isOpen != true { toStop[id] = nil }
        }
        return effects
    }

    private mutating func advanceStarts(_ now: Duration) -> [Effect] {
        var effects: [Effect] = []
        for id in order.order {
            guard let cause = toStart[id], toStop[id] == nil, unmet(id).isEmpty else { continue }
            toStart[id] = nil
            effects += hand(.startAsked(cause), to: id, now)
        }
        return effects
    }

    private mutating func hand(_ input: ServiceMachine.Input, to id: String, _ now: Duration) -> [Effect] {
        machines[id]?.handle(input, at: now).map { Effect(id: id, action: $0) } ?? []
    }
}

extension ServiceMachine {
    /// Whether those that need it may start.
    fileprivate var isSatisfied: Bool { state == .ready }

    /// Whether it need not be started for those that need it.
    fileprivate var isUp: Bool { state == .starting || state == .ready || state == .degraded }
}

extension String {
    /// The same number in every run (FNV-1a), which `hashValue` is not.
    fileprivate var stableHash: UInt64 {
        utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }
}
