import AuroraApprovals
import AuroraHTTP
import AuroraModel
import AuroraSystem

/// Sends the events of changes to those who follow them, from one thread for all.
///
/// Events come from the database by number, so a reader that fell behind or came back misses none.
final class ChangeStreams: Sendable {
    private struct Follower {
        let change: ChangeID
        let stream: EventStream
        var last: Int64
    }

    private struct State {
        var followers: [Follower] = []
        var isStopping = false
        /// Started with the first follower.
        var thread: ServiceThread?
    }

    private let store: ChangeStore
    private let log: Log
    private let state = Monitor(State())
    /// Streams at one time, over all clients.
    private static let capacity = 1000

    init(store: ChangeStore, log: Log) {
        self.store = store
        self.log = log
    }

    /// Begins a stream with everything after event `last`.
    func open(_ change: ChangeID, after last: Int64) throws -> HTTPResponse {
        let stream = EventStream()
        guard follow(Follower(change: change, stream: stream, last: last)) else {
            throw Problem(
                503, "too_many_streams", "too many event streams are open", remedy: "close some, or poll the change")
        }
        return HTTPResponse(status: 200, headers: ["Content-Type": "text/event-stream"], body: .events(stream))
    }

    /// Takes one more follower; false when there are too many, or no thread to serve them.
    private func follow(_ follower: Follower) -> Bool {
        var isTaken = false
        state.change(wakingAll: true) { state in
            guard state.followers.count < Self.capacity, !state.isStopping else { return }
            state.thread = state.thread ?? ServiceThread(name: "change-events") { [self] in run() }
            guard state.thread != nil else { return }
            state.followers.append(follower)
            isTaken = true
        }
        return isTaken
    }

    /// Ends all streams.
    func stop() {
        var ending: ServiceThread?
        state.change(wakingAll: true) { state in
            state.isStopping = true
            for follower in state.followers { follower.stream.close() }
            state.followers = []
            ending = state.thread
            state.thread = nil
        }
        ending?.join()
    }

    private func run() {
        while let current = next() {
            for follower in current { serve(follower) }
        }
    }

    /// The followers to look after, after a short pause; nil when it is time to stop.
    private func next() -> [Follower]? {
        _ = state.wait { $0.isStopping || !$0.followers.isEmpty ? true : nil }
        _ = state.wait(timeout: .milliseconds(100)) { $0.isStopping ? true : nil }
        return state.withLock { state in
            state.followers.removeAll { $0.stream.isClosed }
            return state.isStopping ? nil : state.followers
        }
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
        state.withLock { state in
            guard let index = state.followers.firstIndex(where: { $0.stream === follower.stream }) else { return }
            state.followers[index].last = last
        }
    }
}
