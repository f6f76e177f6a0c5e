import AuroraModel
package import AuroraRuntime
import AuroraSystem

/// Brings what happens to those who look: the log of whoever runs the core, and `run/status/` for packs that may see it.
///
/// `device.json` holds the facts of the device; `packs.json` is how the packs stand, replaced as a whole; `events.jsonl` the last events, one JSON object a line. A slow
/// reader or disk holds nobody up: events wait in memory, and beyond a thousand the oldest go.
final class StatusBoard: Sendable {
    private struct Queue {
        var events: [(CoreEvent, Timestamp)] = []
        var isOver = false
    }

    private static let most = 1000
    private let folder: String
    private let tell: @Sendable (CoreEvent) -> Void
    private let queue = Monitor(Queue())
    private let thread = Monitor<ServiceThread?>(nil)

    /// - Parameter folder: made with mode 0755; what is in it is for every user that can reach it.
    init(
        folder: String, facts: JSONValue, tell: @escaping @Sendable (CoreEvent) -> Void
    ) throws(SystemError) {
        self.folder = folder
        self.tell = tell
        try FileTree.makeFolders(folder, mode: 0o755)
        try DurableFile.replace("\(folder)/device.json", contents: facts.prettyBytes, mode: 0o644)
    }

    /// Takes an event, from any thread, without waiting.
    func post(_ event: CoreEvent) {
        let now = Timestamp(milliseconds: WallClock.system.now())
        queue.change(wakingAll: true) { queue in
            if queue.events.count >= Self.most { queue.events.removeFirst() }
            queue.events.append((event, now))
        }
    }

    /// Starts telling.
    func begin(status: @escaping @Sendable () -> [PackStatus]) {
        let started = ServiceThread(name: "core-board", stackSize: 512 << 10) { [self] in run(status) }
        thread.withLock { $0 = started }
    }

    /// Tells what still waits, and ends.
    func end() {
        queue.change(wakingAll: true) { $0.isOver = true }
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        running?.join()
    }

    private func run(_ status: () -> [PackStatus]) {
        var recent: [JSONValue] = []
        while true {
            let work = queue.wait { queue -> Queue? in
                guard !queue.events.isEmpty || queue.isOver else { return nil }
                defer { queue.events = [] }
                return queue
            }
            guard let work else { continue }
            for (event, time) in work.events {
                tell(event)
                recent.append(event.json(at: time))
            }
            recent = Array(recent.suffix(Self.most))
            write(status(), recent)
            if work.isOver { return }
        }
    }

    /// Nobody depends on these files; one that cannot be written is written with the next event.
    private func write(_ status: [PackStatus], _ recent: [JSONValue]) {
        let packs: JSONValue = ["packs": .array(status.map(\.json))]
        try? DurableFile.replace("\(folder)/packs.json", contents: packs.prettyBytes, mode: 0o644)
        let lines: [UInt8] = recent.flatMap { (event: JSONValue) -> [UInt8] in event.compactBytes + [10] }
        try? DurableFile.replace("\(folder)/events.jsonl", contents: lines, mode: 0o644)
    }
}

/// Something that the core tells whoever runs it.
package enum CoreEvent: Hashable, Sendable {
    case changed(String, ServiceTransition)
    case note(String)
    case trouble(String)
}

extension CoreEvent {
    fileprivate func json(at time: Timestamp) -> JSONValue {
        switch self {
        case .changed(let id, let change):
            [
                "time": JSONValue(time), "pack": .string(id), "from": .string(change.from.rawValue),
                "to": .string(change.to.rawValue), "cause": .string(change.cause.code),
                "text": .string("\(change.cause)"),
            ]
        case .note(let text): ["time": JSONValue(time), "text": .string(text)]
        case .trouble(let text): ["time": JSONValue(time), "trouble": .string(text)]
        }
    }
}
