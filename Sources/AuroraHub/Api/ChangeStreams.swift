import AuroraApprovals
import AuroraHTTP
import AuroraModel
import Foundation
import Synchronization

/// Sends the events of changes to those who follow them, from one thread for all.
///
/// Events come from the database by number, so a reader that fell behind or came back misses none.
///
/// Unchecked Sendable: `followers` and `isStopping` are touched only under `gate`.
final class ChangeStreams: @unchecked Sendable {
    private struct Follower {
        let change: ChangeID
        let stream: EventStream
        var last: Int64
    }

    private let store: ChangeStore
    private let log: Log
    private let gate = NSCondition()
    private var followers: [Follower] = []
    private var isStopping = false
    private var thread: Thread?
    /// Streams at one time, over all clients.
    private static let capacity = 1000

    init(store: ChangeStore, log: Log) {
        self.store = store
        self.log = log
    }

    /// Begins a stream with everything after event `last`.
    func open(_ change: ChangeID, after last: Int64) throws -> HTTPResponse {
        let stream = EventStream()
        gate.lock()
        defer { gate.unlock() }
        guard followers.count < Self.capacity, !isStopping else {
            throw Problem(
                503, "too_many_streams", "too many event streams are open", remedy: "close some, or poll the change")
        }
        followers.append(Follower(change: change, stream: stream, last: last))
        if thread == nil { startThread() }
        gate.broadcast()
        return HTTPResponse(status: 200, headers: ["Content-Type": "text/event-stream"], body: .events(stream))
    }

    /// Ends all streams.
    func stop() {
        gate.lock()
        isStopping = true
        for follower in followers { follower.stream.close() }
        followers = []
        gate.broadcast()
        while thread?.isFinished == false { _ = gate.wait(until: Date(timeIntervalSinceNow: 0.05)) }
        gate.unlock()
    }

    private func startThread() {
        let thread = Thread { [self] in run() }
        thread.name = "aurora-events"
        self.thread = thread
        thread.start()
    }

    private func run() {
        while let current = next() {
            for follower in current { serve(follower) }
        }
    }

    /// The followers to look after, after a short pause; nil when it is time to stop.
    private func next() -> [Follower]? {
        gate.lock()
        defer { gate.unlock() }
        while followers.isEmpty, !isStopping { gate.wait() }
        if !isStopping { _ = gate.wait(until: Date(timeIntervalSinceNow: 0.1)) }
        followers.removeAll { $0.stream.isClosed }
        return isStopping ? nil : followers
    }

    private func serve(_ follower: Follower) {
        do {
            let change = try store.get(follower.change)
            let events = try store.events(of: follower.change, after: follower.last, limit: 200)
            for event in events {
                // Each event carries the change as it is now: whoever missed some is right again after one.
                let data = JSONValue.object(Self.payload(change, event)).description
                follower.stream.send(ServerEvent(id: String(event.number), name: "change", data: data))
            }
            if let last = events.last?.number { advance(follower, to: last) }
            guard change.state.isFinal, events.count < 200 else { return }
            follower.stream.send(ServerEvent(name: "end", data: change.json.description))
            follower.stream.close()
        } catch {
            log.error("an event stream was cut", ["change": follower.change.text, "error": "\(error)"])
            follower.stream.close()
        }
    }

    private static func payload(_ change: Change, _ event: ChangeEvent) -> JSONObject {
        var object = change.json.object ?? [:]
        object["event"] = .string(event.kind)
        return object
    }

    private func advance(_ follower: Follower, to last: Int64) {
        gate.lock()
        defer { gate.unlock() }
        if let index = followers.firstIndex(where: { $0.stream === follower.stream }) { followers[index].last = last }
    }
}
