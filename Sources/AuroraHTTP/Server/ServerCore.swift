import Glibc
import Synchronization

/// What all sockets and requests of one server share.
final class ServerCore: Sendable {
    let configuration: HTTPServerConfiguration
    let handler: any HTTPHandler
    let workers: WorkerPool
    let drainer: Drainer
    let tls: TLSKeeper?
    let requestsInFlight = Atomic<Int>(0)
    private let draining = Atomic<Bool>(false)
    private let registry = Mutex(Registry())

    private struct Registry {
        var connections: [ObjectIdentifier: ConnectionRecord] = [:]
        var countByAddress: [AddressKey: Int] = [:]
    }

    init(
        configuration: HTTPServerConfiguration, handler: any HTTPHandler, workers: WorkerPool, drainer: Drainer,
        tls: TLSKeeper?
    ) {
        self.configuration = configuration
        self.handler = handler
        self.workers = workers
        self.drainer = drainer
        self.tls = tls
    }

    /// Whether the server is stopping: every answer closes its connection.
    var isDraining: Bool {
        get { draining.load(ordering: .relaxed) }
        set { draining.store(newValue, ordering: .relaxed) }
    }

    /// Every open connection.
    var connections: [ConnectionRecord] {
        registry.withLock { Array($0.connections.values) }
    }

    /// Whether one more connection from `address` may open (S-22).
    func mayAccept(_ address: AddressKey) -> Bool {
        let limits = configuration.limits
        return registry.withLock { registry in
            guard registry.connections.count < limits.connections, !isDraining else { return false }
            if limits.loopbackIsExempt, address.isLoopback { return true }
            return registry.countByAddress[address, default: 0] < limits.connectionsPerAddress
        }
    }

    /// A connection opened.
    func opened(_ record: ConnectionRecord) {
        registry.withLock { registry in
            registry.connections[ObjectIdentifier(record)] = record
            registry.countByAddress[record.key, default: 0] += 1
        }
        tls?.connectionOpened(record.socket)
    }

    /// It is about to be closed.
    func closed(_ record: ConnectionRecord) {
        tls?.connectionClosed(record.socket)
        registry.withLock { registry in
            registry.connections[ObjectIdentifier(record)] = nil
            let left = registry.countByAddress[record.key, default: 1] - 1
            registry.countByAddress[record.key] = left > 0 ? left : nil
        }
        if let copy = record.closing() {
            drainer.drain(copy)
        }
    }

    /// The answer to a request the server refuses itself.
    func answer(to refusal: TransportRefusal, from record: ConnectionRecord) -> HTTPResponse {
        var refusal = refusal
        refusal.remoteAddress = record.address
        return configuration.onRefusal?(refusal) ?? refusal.defaultResponse
    }
}
