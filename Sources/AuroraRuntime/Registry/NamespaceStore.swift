import AuroraDatabase
import AuroraModel
import AuroraSandbox

/// Every SQL text of namespaces and their identities.
enum NamespaceStore {
    /// Identities outlive their namespaces: who wrote a file must not become somebody else.
    ///
    /// `identities_released` keeps numbers that may be given out again. A namespace repeats its number, which never
    /// changes, so that one look-up finds all of it.
    static let migration = Migration(
        name: "namespaces-1",
        statements: [
            "CREATE TABLE identities (id TEXT NOT NULL PRIMARY KEY, number BIGINT NOT NULL UNIQUE)",
            "CREATE TABLE identities_released (number BIGINT NOT NULL PRIMARY KEY)",
            """
            CREATE TABLE namespaces (
                id TEXT NOT NULL PRIMARY KEY REFERENCES identities (id), number BIGINT NOT NULL, root TEXT NOT NULL, mounts TEXT NOT NULL,
                cgroup TEXT, grants TEXT NOT NULL, state TEXT NOT NULL, generation BIGINT NOT NULL,
                version BIGINT NOT NULL)
            """,
        ])

    // MARK: Namespaces

    static func insert(_ namespace: Namespace, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO namespaces (root, mounts, cgroup, grants, state, generation, version, id, number)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, values(namespace) + [.integer(Int64(namespace.identity.uid))])
    }

    static func update(_ namespace: Namespace, in transaction: Transaction) throws {
        try transaction.execute(
            """
            UPDATE namespaces
            SET root = ?, mounts = ?, cgroup = ?, grants = ?, state = ?, generation = ?, version = ? WHERE id = ?
            """, values(namespace))
    }

    /// The columns in the order of both statements above.
    private static func values(_ namespace: Namespace) -> [SQLValue] {
        let facts = namespace.facts
        return [
            .text(facts.root), .text("\(JSONValue.array(facts.mounts.map(\.json)))"), SQLValue(facts.cgroup),
            .text("\(JSONValue(facts.grants))"), .text(facts.state.rawValue), .integer(facts.generation),
            .integer(namespace.version), .text(namespace.id.description),
        ]
    }

    static func namespace(_ id: NamespaceID, in transaction: Transaction) throws -> Namespace? {
        try transaction.first("SELECT * FROM namespaces WHERE id = ?", [.text(id.description)])
            .map { try namespace(id, $0) }
    }

    static func page(from start: NamespaceID?, limit: Int, in transaction: Transaction) throws -> [Namespace] {
        try transaction.query(
            "SELECT * FROM namespaces WHERE id >= ? ORDER BY id LIMIT ?",
            [.text(start?.description ?? ""), .integer(Int64(limit))]
        ).map { row in
            let text = try row.text("id")
            guard let id = NamespaceID(text) else {
                throw DatabaseError.column(name: "id", reason: "\(text.printable(limit: 80)) is no namespace id")
            }
            return try namespace(id, row)
        }
    }

    /// - Returns: Whether there was one.
    static func delete(_ id: NamespaceID, in transaction: Transaction) throws -> Bool {
        try transaction.execute("DELETE FROM namespaces WHERE id = ?", [.text(id.description)]) == 1
    }

    private static func namespace(_ id: NamespaceID, _ row: Row) throws -> Namespace {
        do {
            var facts = NamespaceFacts(root: try row.text("root"))
            facts.mounts =
                try JSONParser.parse(try row.text("mounts")).array.map { try $0.map(Confinement.Mount.init) }
                ?? []
            facts.cgroup = try row.optionalText("cgroup")
            facts.grants = try JSONParser.parse(try row.text("grants")).array?.compactMap(\.string) ?? []
            facts.state = NamespaceState(rawValue: try row.text("state"))
            facts.generation = try row.integer("generation")
            return Namespace(id: id, identity: try identity(row), facts: facts, version: try row.integer("version"))
        } catch {
            throw NamespaceError.damaged(id, reason: "\(error)")
        }
    }

    // MARK: Identities

    static func identity(of id: NamespaceID, in transaction: Transaction) throws -> SandboxIdentity? {
        try transaction.first("SELECT number FROM identities WHERE id = ?", [.text(id.description)]).map(identity)
    }

    private static func identity(_ row: Row) throws -> SandboxIdentity {
        let number = try row.integer("number")
        guard let number = UInt32(exactly: number) else {
            throw DatabaseError.column(name: "number", reason: "\(number) is no user id")
        }
        return SandboxIdentity(uid: number, gid: number)
    }

    /// The lowest number above all that were ever given out; when there is none, the lowest that was given back.
    static func nextNumber(in range: IdentityRange, _ transaction: Transaction) throws -> UInt32? {
        let bounds: [SQLValue] = [.integer(Int64(range.first)), .integer(Int64(range.last))]
        let highest = try [
            "SELECT number FROM identities WHERE number BETWEEN ? AND ? ORDER BY number DESC LIMIT 1",
            "SELECT number FROM identities_released WHERE number BETWEEN ? AND ? ORDER BY number DESC LIMIT 1",
        ].compactMap { try transaction.first($0, bounds)?.integer("number") }.max()
        guard let highest else { return range.first }
        if highest < Int64(range.last) { return UInt32(exactly: highest + 1) }
        let released = try transaction.first(
            "SELECT number FROM identities_released WHERE number BETWEEN ? AND ? ORDER BY number LIMIT 1", bounds)
        return try released.flatMap { UInt32(exactly: try $0.integer("number")) }
    }

    static func reserve(_ number: UInt32, for id: NamespaceID, in transaction: Transaction) throws {
        try transaction.execute("DELETE FROM identities_released WHERE number = ?", [.integer(Int64(number))])
        try transaction.execute(
            "INSERT INTO identities (id, number) VALUES (?, ?)", [.text(id.description), .integer(Int64(number))])
    }

    /// Gives a number back; nothing happens when the id has none.
    static func release(_ id: NamespaceID, in transaction: Transaction) throws {
        try transaction.execute(
            "INSERT INTO identities_released (number) SELECT number FROM identities WHERE id = ?",
            [.text(id.description)])
        try transaction.execute("DELETE FROM identities WHERE id = ?", [.text(id.description)])
    }
}

extension Confinement.Mount {
    fileprivate var json: JSONValue {
        ["host": .string(host), "inside": .string(inside), "writable": .bool(isWritable)]
    }

    fileprivate init(_ value: JSONValue) throws {
        var reader = try JSONReader(value, path: "mounts")
        self.init(
            host: try reader.string("host"), inside: try reader.string("inside"),
            isWritable: try reader.bool("writable"))
        try reader.finish()
    }
}
