import AuroraModel
package import AuroraRuntime
import AuroraSystem

/// Brings what happens to those who look: the log of whoever runs the core, and `run/status/` for packs that may see it.
///
/// `device.json` holds the facts of the device; `packs.json` is how the packs stand, replaced as a whole; `events.jsonl` the
/// last events, one JSON object a line. Both are written once a second at most, and at the end; they are of no use after a
/// power cut and not made durable. A slow reader or disk holds nobody up: events wait in memory, and beyond a thousand the
/// oldest go.
final class StatusBoard: Sendable {
    private struct Queue {
        var events: [(CoreEvent, Timestamp)] = []
        var isOver = false
    }

    struct Settings: Sendable {
        /// The shortest time between two writes.
        var interval: Duration = .seconds(1)
        var stackSize = 512 << 10
        /// Replaces a file.
        var write: @Sendable (String, [UInt8]) throws -> Void = {
            try DurableFile.replaceForNow($0, contents: $1, mode: 0o644)
        }
    }

    private static let most = 1000
    private let folder: String
    private let settings: Settings
    private let tell: @Sendable (CoreEvent) -> Void
    private let queue = Monitor(Queue())
    private let thread: CoreThread

    /// - Parameter folder: made with mode 0755; what is in it is for every user that can reach it.
    init(
        folder: String, facts: JSONValue, settings: Settings = Settings(),
        tell: @escaping @Sendable (CoreEvent) -> Void
    ) throws(SystemError) {
        self.folder = folder
        self.settings = settings
        self.tell = tell
        thread = CoreThread(name: "core-board", stackSize: settings.stackSize)
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

    /// Starts telling; that there is no thread for it is the one thing that is told then.
    func begin(status: @escaping @Sendable () -> [PackStatus]) {
        thread.begin(tell) { [self] in run(status) }
    }

    /// Tells what still waits, and ends.
    func end() {
        queue.change(wakingAll: true) { $0.isOver = true }
        thread.join()
    }

    private func run(_ status: () -> [PackStatus]) {
        var recent: [JSONValue] = []
        var (isWritten, next) = (true, ContinuousClock.now)
        while true {
            // Events that come before the next write is due are written with it.
            let work = queue.wait(timeout: isWritten ? nil : max(.zero, next - .now)) { queue -> Queue? in
                guard !queue.events.isEmpty || queue.isOver else { return nil }
                defer { queue.events = [] }
                return queue
            }
            for (event, time) in work?.events ?? [] {
                tell(event)
                recent.append(event.json(at: time))
                isWritten = false
            }
            recent = Array(recent.suffix(Self.most))
            let isOver = work?.isOver ?? false
            if isOver || !isWritten && next <= .now {
                write(status(), recent)
                (isWritten, next) = (true, .now + settings.interval)
            }
            if isOver { return }
        }
    }

    /// Nobody depends on these files; one that cannot be written is written with the next event.
    private func write(_ status: [PackStatus], _ recent: [JSONValue]) {
        let packs: JSONValue = ["packs": .array(status.map(\.json))]
        try? settings.write("\(folder)/packs.json", packs.prettyBytes)
        let lines: [UInt8] = recent.flatMap { (event: JSONValue) -> [UInt8] in event.compactBytes + [10] }
        try? settings.write("\(folder)/events.jsonl", lines)
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
