import Dispatch
import Synchronization

/// Up to eight connections that only read; a ninth reader waits for one of them.
final class ReaderPool: Sendable {
    static let limit = 8

    private struct State {
        var idle: [Connection] = []
        var isClosed = false
    }

    private let path: String
    private let sharing: DatabaseSharing
    private let state = Mutex(State())
    private let places: DispatchSemaphore

    init(path: String, sharing: DatabaseSharing) {
        self.path = path
        self.sharing = sharing
        // Starting at 0 and counting up: a semaphore that ends below its first value traps when it goes.
        places = DispatchSemaphore(value: 0)
        for _ in 0..<Self.limit { places.signal() }
    }

    /// Lends a connection for the time of `body`; connections are opened when first needed and kept.
    func withConnection<T>(_ body: (Connection) throws -> T) throws -> T {
        places.wait()
        defer { places.signal() }
        let (idle, isClosed) = state.withLock { ($0.idle.popLast(), $0.isClosed) }
        guard !isClosed else { throw DatabaseError.closed }
        let connection = try idle ?? Connection(path: path, role: .reader, sharing: sharing)
        defer { giveBack(connection) }
        return try body(connection)
    }

    /// Runs `body` in a read transaction: all its queries see one moment of the database.
    func read<T>(_ body: (Transaction) throws -> T) throws -> T {
        try withConnection { connection in
            try connection.run("BEGIN")
            let transaction = Transaction(connection, isReadOnly: true)
            defer {
                transaction.end()
                // A read has nothing to lose; if even this fails the connection is not used again.
                try? connection.run("ROLLBACK")
            }
            return try body(transaction)
        }
    }

    private func giveBack(_ connection: Connection) {
        guard !connection.isInTransaction else { return }
        state.withLock { state in
            if !state.isClosed { state.idle.append(connection) }
        }
    }

    /// Closes the idle connections; one that is lent goes when its reader is done.
    func close() {
        let idle = state.withLock { state in
            state.isClosed = true
            defer { state.idle = [] }
            return state.idle
        }
        _ = consume idle
    }
}
