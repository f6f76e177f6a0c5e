import AuroraSystem

/// The one thread of a part of the core, from its begin to its end.
final class CoreThread: Sendable {
    private let name: String
    private let stackSize: Int
    private let thread = Monitor<ServiceThread?>(nil)

    init(name: String, stackSize: Int = 512 << 10) {
        self.name = name
        self.stackSize = stackSize
    }

    /// Starts it; that the system has no thread to give is told, and nothing is done then.
    func begin(_ tell: (CoreEvent) -> Void, _ run: @escaping @Sendable () -> Void) {
        let started = ServiceThread(name: name, stackSize: stackSize, run: run)
        if started == nil { tell(.trouble("\(SystemError.noThread(for: name))")) }
        thread.withLock { $0 = started }
    }

    /// Waits for its end; whoever calls has told it to end.
    func join() {
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        running?.join()
    }
}
