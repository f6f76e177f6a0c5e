import AuroraDatabase
import AuroraRuntime
import AuroraSystem

/// The namespace registry with 10 and with 100,000 entries: its cost must not grow with them.
///
/// A look-up of a few microseconds feels whether its pages fit the cache, so it may take three times as long.
/// The prototype, which rewrites its whole file, took 0.32 ms with 10 entries and 17.9 ms with 10,000.
enum RegistryRows {
    static func run(_ bench: Bench) throws -> [ResultRow] {
        let folder = try bench.makeFolder("registry")
        let sizes = [10, bench.isQuick ? 10_000 : 100_000]
        let registries = try sizes.map { try Filled("\(folder)/\($0).db", entries: $0) }
        let plain = try AppendedRecord("\(folder)/plain")
        var registers = [Samples(.seconds), Samples(.seconds)]
        var (gets, updates, appended) = (registers, registers, Samples(.seconds))
        let count = bench.isQuick ? 20 : 100
        for _ in 0..<bench.rounds {
            try bench.settle()
            add(&registers, try perCall(count, registries) { registry, _ in try registry.registerNext() })
            add(&updates, try perCall(count, registries) { try $0.update($1) })
            add(&gets, try perCall(count * 10, registries) { try $0.get($1) })
            appended.add(try perCall(count, [plain]) { plain, _ in try plain.append() }[0])
        }
        let names = ["register, durable", "update, durable", "get"]
        return zip(names, [registers, updates, gets]).map { name, samples in
            let ratio = samples[1].median / samples[0].median
            let isDurable = name != "get"
            return ResultRow(
                "registry \(name), \(sizes[0]) and \(sizes[1]) entries",
                ours: "\(samples[0].text); \(samples[1].text)",
                peer: isDurable ? "append 300 B + fsync: \(appended.text)" : "-",
                ratio: "\(times(samples[1].median, samples[0].median)) for \(sizes[1] / sizes[0])× the entries",
                bar: "flat (≤ \(isDurable ? "1.5" : "3")×)", isMet: ratio <= (isDurable ? 1.5 : 3))
        }
    }

    /// Mean time of one of `count` calls on each subject, in seconds; they take turns, so a busy disk disturbs all alike.
    private static func perCall<Subject>(
        _ count: Int, _ subjects: [Subject], _ body: (Subject, Int) throws -> Void
    ) throws -> [Double] {
        var sums = [Double](repeating: 0, count: subjects.count)
        for number in 0..<count {
            for (index, subject) in subjects.enumerated() { sums[index] += try seconds { try body(subject, number) } }
        }
        return sums.map { $0 / Double(count) }
    }

    private static func add(_ samples: inout [Samples], _ values: [Double]) {
        for (index, value) in values.enumerated() { samples[index].add(value) }
    }
}

/// A registry that holds a number of entries.
private final class Filled {
    private let database: Database
    private let registry: NamespaceRegistry
    private let entries: Int
    private var next: Int

    init(_ path: String, entries: Int) throws {
        func open() throws -> Database {
            try Database(path: path, migrations: NamespaceRegistry.migrations, sharing: .processes, examines: false)
        }
        let filling = try open()
        let filled = NamespaceRegistry(database: filling)
        try filling.write { transaction in
            for number in 0..<entries {
                _ = try filled.register(try id(number), NamespaceFacts(root: "/data/\(number)"), in: transaction)
            }
        }
        // Closing moves the log into the file: filling is not paid for by what is measured.
        filling.close()
        database = try open()
        registry = NamespaceRegistry(database: database)
        self.entries = entries
        next = entries
    }

    deinit { database.close() }

    func registerNext() throws {
        try registry.register(try id(next), NamespaceFacts(root: "/data/\(next)"))
        next += 1
    }

    func update(_ number: Int) throws {
        try registry.update(try id(number &* 7919 % entries)) { $0.generation += 1 }
    }

    func get(_ number: Int) throws { _ = try registry.get(try id(number &* 7919 % entries)) }
}

private func id(_ number: Int) throws -> NamespaceID {
    guard let id = NamespaceID("pack:pack-\(number)") else { throw BenchError("no id") }
    return id
}

/// The plainest durable record there is.
private final class AppendedRecord {
    private let file: Descriptor
    private let line = [UInt8](repeating: UInt8(ascii: "x"), count: 300)

    init(_ path: String) throws { file = try Descriptor.open(path, [.writeOnly, .create, .append]) }

    func append() throws {
        try file.write(all: line)
        try file.fsync()
    }
}
