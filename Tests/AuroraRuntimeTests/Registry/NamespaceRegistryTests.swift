import AuroraDatabase
import AuroraModel
import AuroraRuntime
import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import Testing

@Suite struct NamespaceRegistryTests {
    @Test("a registered namespace is there with its facts, a user of its own and version 1")
    func registration() throws {
        try withRegistry { registry, _ in
            var facts = NamespaceFacts(root: "/data/demo")
            facts.mounts = [
                Confinement.Mount(host: "/srv/maps", inside: "/maps"),
                .init(host: "/a \"b\"", inside: "/c", isWritable: true),
            ]
            facts.cgroup = "/aurora/demo"
            facts.grants = ["fs-read:maps", "network"]
            facts.state = NamespaceState(.ready)
            facts.generation = 7
            let made = try registry.register(id("demo"), facts)
            #expect(made.version == 1 && made.facts == facts)
            #expect(made.identity == SandboxIdentity(uid: 1_879_048_192, gid: 1_879_048_192))
            #expect(try registry.get(id("demo")) == made)
            #expect(try registry.register(id("other"), facts).identity.uid == 1_879_048_193)
            #expect(throws: NamespaceError.alreadyRegistered(id("demo"))) { try registry.register(id("demo"), facts) }
        }
    }

    @Test("keeping facts registers an id, changes it, and writes nothing when they stay what they are")
    func keeping() throws {
        try withRegistry { registry, folder in
            let database = try openShared(folder)
            defer { database.close() }
            let demo = id("demo")
            func keep(_ state: ServiceState) throws -> Int64 {
                try database.write { transaction in
                    try registry.keep(demo, in: transaction) { facts in
                        (facts.root, facts.state) = ("/d", NamespaceState(state))
                    }
                }.version
            }
            #expect(try keep(.starting) == 1)
            #expect(try keep(.ready) == 2)
            #expect(try keep(.ready) == 2)
            #expect(try registry.get(id("demo")).facts.root == "/d")
        }
    }

    @Test("all namespaces of a kind are found, and none of the other")
    func listingAll() throws {
        try withRegistry { registry, _ in
            for name in ["pack:a", "plugin:p.a", "pack:b"] {
                try registry.register(#require(NamespaceID(name)), NamespaceFacts(root: "/\(name)"))
            }
            #expect(try registry.all(.pack).map(\.id.name) == ["a", "b"])
            #expect(try registry.all(.plugin).map(\.id.name) == ["p.a"])
        }
    }

    @Test("a pack and a plugin of one name are two")
    func kinds() throws {
        try withRegistry { registry, _ in
            let plugin = try #require(NamespaceID("plugin:acme.gauge"))
            let pack = try #require(NamespaceID("pack:acme.gauge"))
            let first = try registry.register(plugin, NamespaceFacts(root: "/p"))
            let second = try registry.register(pack, NamespaceFacts(root: "/q"))
            #expect(first.identity != second.identity)
            #expect(try registry.get(plugin).facts.root == "/p")
        }
    }

    @Test("an update counts versions, and one that was decided on an old version is refused")
    func optimisticVersions() throws {
        try withRegistry { registry, _ in
            try registry.register(id("demo"), NamespaceFacts(root: "/d"))
            #expect(try registry.update(id("demo"), expecting: 1) { $0.state = .init(.ready) }.version == 2)
            #expect(throws: NamespaceError.stale(id("demo"), expected: 1, found: 2)) {
                try registry.update(id("demo"), expecting: 1) { $0.state = .init(.stopped) }
            }
            #expect(try registry.get(id("demo")).facts.state == .init(.ready))
            #expect(try registry.update(id("demo")) { $0.state = .init(.ready) }.version == 2, "nothing was changed")
            #expect(throws: NamespaceError.unknown(id("none"))) { try registry.update(id("none")) { _ in } }
        }
    }

    @Test("an identity belongs to its id for good, and to nobody else before its files are gone")
    func identities() throws {
        let range = try #require(IdentityRange(first: 100_000, count: 2))
        try withRegistry(range) { registry, folder in
            let mine = try registry.register(id("a"), NamespaceFacts(root: "/a")).identity
            try registry.register(id("b"), NamespaceFacts(root: "/b"))
            try registry.remove(id("a"))
            #expect(throws: NamespaceError.unknown(id("a"))) { try registry.get(id("a")) }
            #expect(throws: NamespaceError.noIdentityLeft(range)) { try registry.identity(for: id("c")) }
            #expect(try registry.register(id("a"), NamespaceFacts(root: "/a")).identity == mine)
            #expect(throws: NamespaceError.inUse(id("a"))) {
                try registry.releaseIdentity(of: id("a"), whenGone: [])
            }
            try registry.remove(id("a"))
            #expect(throws: NamespaceError.dataExists(id("a"), place: folder)) {
                try registry.releaseIdentity(of: id("a"), whenGone: [folder + "/none", folder])
            }
            #expect(throws: NamespaceError.noIdentityLeft(range)) { try registry.identity(for: id("c")) }
            try registry.releaseIdentity(of: id("a"), whenGone: [folder + "/none"])
            #expect(try registry.identity(for: id("c")) == mine)
            #expect(throws: NamespaceError.noIdentityLeft(range)) { try registry.identity(for: id("a")) }
        }
    }

    @Test("a number that was given back is used again only when no fresh one is left")
    func lateReuse() throws {
        try withRegistry(try #require(IdentityRange(first: 100_000, count: 3))) { registry, _ in
            for name in ["a", "b"] { _ = try registry.identity(for: id(name)) }
            try registry.releaseIdentity(of: id("b"), whenGone: [])
            #expect(try registry.identity(for: id("c")).uid == 100_002)
            #expect(try registry.identity(for: id("d")).uid == 100_001)
        }
    }

    @Test(
        "a range of users leaves out the system's and the kernel's own",
        arguments: [(65_535, 1), (0, 10), (100_000, 0), (UInt32.max - 1, 1), (UInt32.max - 10, 20)]
            as [(UInt32, UInt32)])
    func ranges(first: UInt32, count: UInt32) {
        #expect(IdentityRange(first: first, count: count) == nil)
    }

    @Test("pages list every namespace once, in order")
    func pages() throws {
        try withRegistry { registry, _ in
            let names = (0..<25).map { "pack-\($0)" }
            for name in names.shuffled() { try registry.register(id(name), NamespaceFacts(root: "/\(name)")) }
            var found: [Namespace] = []
            var start: NamespaceID?
            repeat {
                let page = try registry.list(from: start, limit: 10)
                #expect(page.items.count <= 10)
                found += page.items
                start = page.next
            } while start != nil
            #expect(found.map(\.id) == names.map(id).sorted())
            #expect(try registry.list(limit: 25).next == nil)
        }
    }

    @Test("facts that cannot be read back are an error that names the id, not a guess")
    func damaged() throws {
        try withRegistry { registry, folder in
            try registry.register(id("demo"), NamespaceFacts(root: "/d"))
            let other = try openShared(folder)
            try other.write { try $0.execute("UPDATE namespaces SET mounts = '[{\"host\":1}]'") }
            #expect {
                try registry.get(id("demo"))
            } throws: {
                if case NamespaceError.damaged(id("demo"), _) = $0 { true } else { false }
            }
        }
    }
}

/// The namespace of a pack.
func id(_ name: String) -> NamespaceID {
    guard let id = NamespaceID("pack:\(name)") else { preconditionFailure("\(name) is no pack id") }
    return id
}

func openShared(_ folder: String) throws -> Database {
    try Database(path: folder + "/device.db", migrations: NamespaceRegistry.migrations, sharing: .processes)
}

/// Gives `body` a registry in a fresh folder.
func withRegistry(
    _ range: IdentityRange = .standard, _ body: (NamespaceRegistry, String) throws -> Void
) throws {
    try withTemporaryDirectory { folder in
        let database = try openShared(folder)
        defer { database.close() }
        try body(NamespaceRegistry(database: database, range: range), folder)
    }
}
