package import AuroraDatabase
package import AuroraSandbox
import AuroraSystem

/// The namespaces of a device, in its database: pack or plugin id → runtime facts and a user of its own.
///
/// Any thread and any process of the device may call. Each call is one transaction: acknowledged means durable, and no
/// change of another process is lost or seen half. Each costs a few look-ups in indexes, however many entries there are.
package final class NamespaceRegistry: Sendable {
    /// The schema; part of the list with which the device's database is opened.
    package static let migrations = [NamespaceStore.migration]

    private let database: Database
    private let range: IdentityRange

    /// - Parameter range: where new users come from; those given out before stay what they are.
    package init(database: Database, range: IdentityRange = .standard) {
        self.database = database
        self.range = range
    }

    /// Makes a namespace of version 1; its identity is the one it had before, or a new one.
    ///
    /// - Throws: ``NamespaceError`` `alreadyRegistered` or `noIdentityLeft`.
    @discardableResult
    package func register(_ id: NamespaceID, _ facts: NamespaceFacts) throws -> Namespace {
        try database.write { try self.register(id, facts, in: $0) }
    }

    /// As the method above, in the caller's transaction.
    package func register(_ id: NamespaceID, _ facts: NamespaceFacts, in transaction: Transaction) throws -> Namespace {
        guard try NamespaceStore.namespace(id, in: transaction) == nil else {
            throw NamespaceError.alreadyRegistered(id)
        }
        let namespace = Namespace(
            id: id, identity: try identity(for: id, in: transaction), facts: facts, version: 1)
        try NamespaceStore.insert(namespace, in: transaction)
        return namespace
    }

    /// Changes the facts as they are now: `body` gets what no other process can change meanwhile.
    ///
    /// - Parameters:
    ///   - version: the version that the caller decided on; nil to change whatever is there.
    ///   - body: runs inside the transaction; keep it short.
    /// - Throws: ``NamespaceError`` `unknown` or `stale`.
    @discardableResult
    package func update(
        _ id: NamespaceID, expecting version: Int64? = nil, _ body: @escaping @Sendable (inout NamespaceFacts) -> Void
    ) throws -> Namespace {
        try database.write { try self.update(id, expecting: version, in: $0, body) }
    }

    /// As the method above, in the caller's transaction.
    package func update(
        _ id: NamespaceID, expecting version: Int64? = nil, in transaction: Transaction,
        _ body: (inout NamespaceFacts) -> Void
    ) throws -> Namespace {
        guard let old = try NamespaceStore.namespace(id, in: transaction) else { throw NamespaceError.unknown(id) }
        if let version, version != old.version {
            throw NamespaceError.stale(id, expected: version, found: old.version)
        }
        var facts = old.facts
        body(&facts)
        guard facts != old.facts else { return old }
        let new = Namespace(id: id, identity: old.identity, facts: facts, version: old.version + 1)
        try NamespaceStore.update(new, in: transaction)
        return new
    }

    /// Changes the facts of an id, whether it is registered or not; nothing is written when they stay what they are.
    ///
    /// - Parameter body: gets the facts as they are, or those of a namespace with an empty root.
    @discardableResult
    package func keep(
        _ id: NamespaceID, in transaction: Transaction, _ body: (inout NamespaceFacts) -> Void
    ) throws -> Namespace {
        guard try NamespaceStore.namespace(id, in: transaction) == nil else {
            return try update(id, in: transaction, body)
        }
        var facts = NamespaceFacts(root: "")
        body(&facts)
        return try register(id, facts, in: transaction)
    }

    /// The namespace of an id.
    /// - Throws: ``NamespaceError`` `unknown`.
    package func get(_ id: NamespaceID) throws -> Namespace {
        guard let found = try find(id) else { throw NamespaceError.unknown(id) }
        return found
    }

    /// As ``find(_:)``, in the caller's transaction.
    package func find(_ id: NamespaceID, in transaction: Transaction) throws -> Namespace? {
        try NamespaceStore.namespace(id, in: transaction)
    }

    /// The namespace of an id, or nil when it is not registered.
    package func find(_ id: NamespaceID) throws -> Namespace? {
        try database.read { try NamespaceStore.namespace(id, in: $0) }
    }

    /// Namespaces in order of their ids, of one moment.
    /// - Parameters:
    ///   - start: the first id wanted: ``NamespacePage/next`` of the page before; nil for the first page.
    ///   - limit: how many, 1 … 1,000.
    package func list(from start: NamespaceID? = nil, limit: Int = 100) throws -> NamespacePage {
        let count = max(1, min(limit, 1_000))
        let found = try database.read { try NamespaceStore.page(from: start, limit: count + 1, in: $0) }
        return NamespacePage(items: Array(found.prefix(count)), next: found.count > count ? found[count].id : nil)
    }

    /// Every namespace of a kind, read in pages, so what is changed meanwhile may be seen or not.
    package func all(_ kind: NamespaceID.Kind) throws -> [Namespace] {
        var (found, next): ([Namespace], NamespaceID?) = ([], nil)
        repeat {
            let page = try list(from: next, limit: 1_000)
            found += page.items.filter { $0.id.kind == kind }
            next = page.next
        } while next != nil
        return found
    }

    /// Forgets the facts; the identity stays reserved for the id until ``releaseIdentity(of:whenGone:)``.
    /// - Throws: ``NamespaceError`` `unknown`.
    package func remove(_ id: NamespaceID) throws {
        try database.write { try self.remove(id, in: $0) }
    }

    /// As the method above, in the caller's transaction.
    package func remove(_ id: NamespaceID, in transaction: Transaction) throws {
        guard try NamespaceStore.delete(id, in: transaction) else { throw NamespaceError.unknown(id) }
    }

    /// The user and group of an id, reserved for it from now on, whether it is registered or not.
    /// - Throws: ``NamespaceError`` `noIdentityLeft`.
    package func identity(for id: NamespaceID) throws -> SandboxIdentity {
        if let known = try database.read({ try NamespaceStore.identity(of: id, in: $0) }) { return known }
        return try database.write { try self.identity(for: id, in: $0) }
    }

    /// As the method above, in the caller's transaction.
    package func identity(for id: NamespaceID, in transaction: Transaction) throws -> SandboxIdentity {
        if let known = try NamespaceStore.identity(of: id, in: transaction) { return known }
        guard let number = try NamespaceStore.nextNumber(in: range, transaction) else {
            throw NamespaceError.noIdentityLeft(range)
        }
        try NamespaceStore.reserve(number, for: id, in: transaction)
        return SandboxIdentity(uid: number, gid: number)
    }

    /// Gives the identity of an id back, so that another may get it once the range is used up.
    ///
    /// - Parameter places: absolute paths of everything the id ever wrote to (data, logs, snapshots); none may exist.
    /// - Throws: ``NamespaceError`` `inUse` or `dataExists`.
    package func releaseIdentity(of id: NamespaceID, whenGone places: [String]) throws {
        try database.write { transaction in
            guard try NamespaceStore.namespace(id, in: transaction) == nil else { throw NamespaceError.inUse(id) }
            for place in places where try FileStatus.ifExists(place) != nil {
                throw NamespaceError.dataExists(id, place: place)
            }
            try NamespaceStore.release(id, in: transaction)
        }
    }
}
