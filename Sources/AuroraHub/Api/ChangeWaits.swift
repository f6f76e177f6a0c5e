import AuroraApprovals
import AuroraHTTP
import AuroraModel
import Dispatch
import Synchronization

/// Lets requests wait for the end of a change without holding a thread: they are parked until the change tells its end.
///
/// Safe from any thread.
final class ChangeWaits: Sendable {
    private let store: ChangeStore
    private let waiting = Mutex<[ChangeID: [Waker]]>([:])

    init(store: ChangeStore) {
        self.store = store
        _ = store.subscribe { [weak self] event in self?.happened(event) }
    }

    /// Answers with the change as it stands when it has ended, when the time is over, or when the hub stops.
    func answer(
        about id: ChangeID, within seconds: Int, _ make: @escaping @Sendable (Change) throws -> HTTPResponse
    ) throws -> HTTPResponse {
        let waker = Waker()
        waiting.withLock { $0[id, default: []].append(waker) }
        // Looked at after the entry: an end between the two would otherwise wake nobody.
        let change: Change
        do { change = try store.get(id) } catch {
            forget(waker, of: id)
            throw error
        }
        guard seconds > 0, !change.state.isFinal else {
            forget(waker, of: id)
            return try make(change)
        }
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(seconds)) { waker.wake() }
        return HTTPResponse(
            parked: ParkedAnswer(waker) { [self] _ in
                forget(waker, of: id)
                return try make(store.get(id))
            })
    }

    /// How many requests wait.
    var count: Int { waiting.withLock { $0.values.reduce(0) { $0 + $1.count } } }

    /// Called on the thread that changed the change; waking only queues work.
    private func happened(_ event: ChangeEvent) {
        guard event.data["state"]?.string.flatMap(ChangeState.init(rawValue:))?.isFinal == true else { return }
        for waker in waiting.withLock({ $0[event.change] ?? [] }) { waker.wake() }
    }

    private func forget(_ waker: Waker, of id: ChangeID) {
        waiting.withLock { waiting in
            waiting[id]?.removeAll { $0 === waker }
            if waiting[id]?.isEmpty == true { waiting[id] = nil }
        }
    }
}
