import AuroraSystem

/// What goes first when there are more tasks than threads.
package enum Priority: Int, Hashable, Sendable, Comparable, CaseIterable {
    case low
    case normal
    case high

    package static func < (left: Priority, right: Priority) -> Bool { left.rawValue < right.rawValue }
}

/// A bounded number of threads that run tasks: by priority, equal ones in order; every eighth is the one that waits
/// longest, so that low priority waits but never starves.
///
/// Threads start when they are first needed and sleep when there is nothing to do. A task that blocks keeps its own
/// thread only. With a limit of 0 there are no threads: ``drain()`` runs what waits, for tests that own time.
package final class Workers: Sendable {
    private struct Item {
        let number: UInt64
        let work: @Sendable () -> Void
    }

    private enum Next {
        case work(@Sendable () -> Void)
        case end
    }

    private struct State {
        var queues: [Fifo<Item>] = Priority.allCases.map { _ in Fifo() }
        var nextNumber: UInt64 = 0
        var taken = 0
        var idle = 0
        var threads: [ServiceThread] = []
        var isStopping = false

        var waiting: Int { queues.reduce(0) { $0 + $1.count } }

        private func number(_ index: Int) -> UInt64 { queues[index].first?.number ?? UInt64.max }

        mutating func take() -> Item? {
            taken += 1
            var choice: Int?
            for index in queues.indices where !queues[index].isEmpty {
                guard taken % 8 == 0, let other = choice else {
                    choice = index
                    continue
                }
                if number(index) < number(other) { choice = index }
            }
            return choice.flatMap { queues[$0].popFirst() }
        }
    }

    private let limit: Int
    private let name: String
    private let state = Monitor(State())

    /// A pool of at most `limit` threads (0 … 256), which `ps -L` shows as `name`.
    package init(limit: Int, name: String = "worker") {
        self.limit = min(256, max(0, limit))
        self.name = name
    }

    /// Queues a task.
    ///
    /// - Returns: false when the pool is stopped, or the system gives it not even one thread; then it will not run.
    @discardableResult
    package func submit(_ priority: Priority = .normal, _ work: @escaping @Sendable () -> Void) -> Bool {
        submit([(priority, work)])
    }

    /// Queues several tasks at once, in their order.
    @discardableResult
    package func submit(_ tasks: [(priority: Priority, work: @Sendable () -> Void)]) -> Bool {
        var (isTaken, wanted, hasThreads) = (false, 0, false)
        state.change(wakingAll: tasks.count > 1) { state in
            guard !state.isStopping else { return }
            isTaken = true
            for task in tasks {
                state.nextNumber += 1
                state.queues[task.priority.rawValue].append(Item(number: state.nextNumber, work: task.work))
            }
            wanted = min(state.waiting - state.idle, limit - state.threads.count)
            hasThreads = !state.threads.isEmpty
        }
        guard isTaken else { return false }
        if wanted > 0 {
            for _ in 0..<wanted { startThread() }
            hasThreads = state.withLock { !$0.threads.isEmpty }
        }
        return limit == 0 || hasThreads
    }

    private func startThread() {
        state.withLock { state in
            guard state.threads.count < limit, !state.isStopping else { return }
            guard let thread = ServiceThread(name: name, run: { [self] in run() }) else { return }
            state.threads.append(thread)
        }
    }

    private func run() {
        while true {
            state.withLock { $0.idle += 1 }
            // Given back in the same step as the task is taken: a thread that has work is never counted as idle.
            let next = state.wait { state -> Next? in
                let item = state.take()
                guard item != nil || state.isStopping else { return nil }
                state.idle -= 1
                return item.map { .work($0.work) } ?? .end
            }
            guard case .work(let work) = next else { return }
            work()
        }
    }

    /// Runs everything that waits on the caller's thread; only for a pool without threads.
    package func drain() {
        while let item = state.withLock({ $0.take() }) { item.work() }
    }

    /// How many tasks wait for a thread.
    package var waiting: Int { state.withLock(\.waiting) }

    /// Runs what is queued, takes nothing more, and waits for the threads; not from a task.
    package func stop() {
        var threads: [ServiceThread] = []
        state.change(wakingAll: true) { state in
            state.isStopping = true
            threads = state.threads
            state.threads = []
        }
        for thread in threads { thread.join() }
    }
}

/// A queue whose ends both cost the same, however long it is.
struct Fifo<Element> {
    private var elements: [Element?] = []
    private var head = 0

    var isEmpty: Bool { head == elements.count }
    var count: Int { elements.count - head }
    var first: Element? { isEmpty ? nil : elements[head] }

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        defer {
            elements[head] = nil
            head += 1
            if head == elements.count || head > 1024 && head * 2 > elements.count {
                elements.removeFirst(head)
                head = 0
            }
        }
        return elements[head]
    }
}
