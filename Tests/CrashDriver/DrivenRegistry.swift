import AuroraDatabase
import AuroraModel
import AuroraRuntime

/// One of several processes that work on one registry at the same time.
struct DrivenRegistry {
    private let database: Database
    private let registry: NamespaceRegistry

    init(_ folder: String) throws {
        database = try Database(
            path: "\(folder)/device.db", migrations: NamespaceRegistry.migrations, sharing: .processes, examines: false)
        registry = NamespaceRegistry(database: database)
    }

    /// Registers `group-1` … `group-COUNT`, adding one to the generation of `common` after each; acknowledges both.
    func register(group: String, count: Int) throws {
        let common = try id("common")
        for number in 1...count {
            try registry.register(id("\(group)-\(number)"), NamespaceFacts(root: "/data/\(group)/\(number)"))
            try registry.update(common) { $0.generation += 1 }
            try acknowledge(number)
        }
        database.close()
    }

    private func id(_ text: String) throws -> NamespaceID {
        guard let pack = PackID(text) else { throw BadState(description: "\(text) is no pack id") }
        return NamespaceID(pack)
    }
}
