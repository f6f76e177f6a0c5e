import AuroraSystem

/// Who is at the other end of a connection to the core.
enum CorePeer: Hashable, Sendable {
    /// Root, or the core's own user outside of the packs' rooms: may ask everything.
    case owner
    /// A pack in whose room the socket stands: may ask everything but to change the active set.
    case pack(user: UInt32)
    /// Nobody who may ask.
    case stranger(user: UInt32)

    /// Judges a peer by its user and, where packs run as the core's own user, by whether the core started it.
    ///
    /// Everything in a room descends from the core. Whoever has ended since it connected is not taken for the owner: what
    /// it opened may be in other hands.
    /// - Parameters:
    ///   - core: the core's process and user.
    ///   - controllers: users of packs that were given the socket.
    init(_ peer: SocketPeer, core: (pid: Int32, user: UInt32), controllers: Set<UInt32>) {
        // A process that this one cannot see (0) lies outside of every room.
        let isOutside = peer.pid == 0 || ProcessTree.descends(peer.pid, from: core.pid) == false
        if peer.uid == 0 || (peer.uid == core.user && isOutside) {
            self = .owner
        } else {
            self = controllers.contains(peer.uid) ? .pack(user: peer.uid) : .stranger(user: peer.uid)
        }
    }

    /// Refuses a peer that may not ask at all.
    func demandKnown() throws(CoreProblem) {
        guard case .stranger(let user) = self else { return }
        throw CoreProblem(
            code: "forbidden", "user \(user) may not ask this core", remedy: "ask as its own user or as root")
    }

    /// Refuses a pack that may control others and pretends to change the set.
    func demandOwner() throws(CoreProblem) {
        guard self != .owner else { return }
        throw CoreProblem(code: "forbidden", "a pack may not change the active set")
    }
}
