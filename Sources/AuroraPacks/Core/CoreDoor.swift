import AuroraSystem
import Synchronization

/// Lets clients in at the core's socket, each on a thread of its own, for as long as the core lives.
///
/// Packs have places of their own, so that none of them, and not all of them together, can keep the device's owner out. A
/// machine that has no descriptor or thread to spare is waited for.
final class CoreDoor: Sendable {
    /// Most connections of the owner.
    static let ownerPlaces = 32
    /// Most connections of one pack.
    static let packPlaces = 4
    /// Most connections of all packs together.
    static let allPackPlaces = 16
    /// Between two tries to accept while the machine cannot.
    private static let pause: Duration = .milliseconds(100)

    /// How clients come and what is done with them.
    struct Work: Sendable {
        /// Waits for the next client; nil once the core ends.
        let accept: @Sendable () throws(SystemError) -> LocalStream?
        let judge: @Sendable (SocketPeer) -> CorePeer
        /// Serves a client to its end.
        let serve: @Sendable (LocalStream, CorePeer) -> Void
        let tell: @Sendable (CoreEvent) -> Void
    }

    private let work: Work
    private let stop: StopSignal
    private let taken = Mutex<[CorePeer: Int]>([:])

    init(_ work: Work, stop: StopSignal) {
        self.work = work
        self.stop = stop
    }

    /// Starts letting clients in, on a thread of its own that ends with `stop`.
    func open() throws(SystemError) {
        guard let thread = ServiceThread(name: "core-socket", stackSize: 256 << 10, run: { [self] in receive() }) else {
            throw .noThread(for: "core-socket")
        }
        thread.leave()
    }

    /// Accepts until `stop` is raised, whatever happens meanwhile.
    private func receive() {
        var trouble: SystemError?
        while !stop.wasRaised {
            do throws(SystemError) {
                guard let stream = try work.accept() else { return }
                if trouble != nil { work.tell(.note("the control socket lets clients in again")) }
                trouble = nil
                letIn(stream)
            } catch {
                // The client stays in the queue of the socket; the same trouble is told once.
                if trouble != error { work.tell(.trouble("the control socket lets nobody in at the moment: \(error)")) }
                trouble = error
                stop.wait(timeout: Self.pause)
            }
        }
    }

    private func letIn(_ stream: LocalStream) {
        let peer = work.judge(stream.peer)
        guard take(peer) else {
            return CoreConnection.refuse(
                stream,
                CoreProblem(
                    code: "too_many", "all places for connections of this kind are taken",
                    remedy: "close others, or wait until one ends"))
        }
        let thread = ServiceThread(name: "core-client", stackSize: 512 << 10) { [self] in
            work.serve(stream, peer)
            give(peer)
        }
        if let thread { return thread.leave() }
        give(peer)
        work.tell(
            .trouble("a client of the control socket was not served: \(SystemError.noThread(for: "core-client"))"))
    }

    /// Whether there was a place.
    private func take(_ peer: CorePeer) -> Bool {
        taken.withLock { taken in
            let own = taken[peer, default: 0]
            let others = taken.filter { $0.key != .owner }.values.reduce(0, +)
            let isFree =
                peer == .owner ? own < Self.ownerPlaces : own < Self.packPlaces && others < Self.allPackPlaces
            if isFree { taken[peer] = own + 1 }
            return isFree
        }
    }

    private func give(_ peer: CorePeer) {
        taken.withLock { taken in
            let left = taken[peer, default: 1] - 1
            taken[peer] = left > 0 ? left : nil
        }
    }
}
