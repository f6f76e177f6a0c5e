import AuroraActivation
import AuroraAudit
import AuroraCrypto
import AuroraDatabase
import AuroraModel
import AuroraPacks
import AuroraRuntime
import AuroraSandbox
import AuroraSystem
import AuroraTrust

/// The acts of the sweep on a device with two packs: `data` migrates its data, `plain` has none worth a word.
///
/// Version n of both packs is installed together; `data` of an odd version has schema 1 and of an even one schema 2, except
/// for the acts in place, where the schema stays and the hook rewrites the one file there is. Scripts are not run: a double
/// of the sandbox does in this process what the hook would do, so that every write of it is a point of the sweep.
struct DrivenPacks {
    let folder: String
    /// Whether the schema stays and the hook changes data in place.
    let isInPlace: Bool
    /// The known-bad twin: nothing is copied before the hook.
    var isBad = false
    /// A copy is made of data that no hook changes: the new version writes them when it installs itself.
    var isKept = false
    var root: String { "\(folder)/device" }
    static let actor = Actor(name: "sweep", via: .console)

    private static func key() throws -> Ed25519PrivateKey {
        try Ed25519PrivateKey(seed: [UInt8](repeating: 7, count: 32))
    }

    private static func ada() throws -> UserName {
        guard let name = UserName("ada") else { throw BadState(description: "bad name") }
        return name
    }

    func schema(_ version: Int) -> Int { isInPlace ? 1 : version % 2 == 1 ? 1 : 2 }

    /// Opens the device as every start does, recovery included.
    func open<Result>(_ body: (PackInstaller, PackRecovery) throws -> Result) throws -> Result {
        var configuration = DeviceConfiguration()
        configuration.operators = [
            .init(name: try Self.ada(), keys: [.init(key: try Self.key().publicKey, name: "ada")])
        ]
        configuration.policy.unsealed = .accept
        configuration.policy.unsigned = .accept
        let device = try Device(
            places: DevicePlaces(root: root), configuration: configuration, clock: .fixed(1_700_000_000_000))
        defer { device.database.close() }
        let settings = PackInstallerSettings(
            runner: SweepRunner(folder: folder), unpack: UnpackChild(sandbox: Sandbox(launcherPath: "/nonexistent")),
            traits: DeviceTraits(machine: "x86_64"))
        let (installer, recovery) = try PackInstaller.open(device, settings) { _ in SweepServices(root: root) }
        return try body(installer, recovery)
    }

    /// Version `last` is installed, every version before it was; version `last + 1` is staged.
    func setUp(last: Int) throws {
        try open { installer, _ in
            for version in stride(from: 1, through: last + 1, by: 1) {
                for pack in ["data", "plain"] {
                    let source = "\(folder)/source-\(pack)-\(version)"
                    try write(pack, version, to: source)
                    _ = try installer.stage(.folder(source), by: Self.actor)
                }
                if version <= last { try install(version, installer) }
            }
        }
        try DurableFile.syncFileSystem(of: folder)
    }

    /// Installs a version and acknowledges it; `isHealthy` false makes every later version ill.
    func install(version: Int, isHealthy: Bool = true) throws {
        if !isHealthy { try FileTree.makeFolders("\(folder)/ill-\(version)", mode: 0o700) }
        try open { installer, _ in
            if try install(version, installer) { try acknowledge(version) }
        }
    }

    @discardableResult
    private func install(_ version: Int, _ installer: PackInstaller) throws -> Bool {
        guard let range = try? VersionRange("=\(version).0.0"), let data = PackID("sweep-data"),
            let plain = PackID("sweep-plain")
        else { throw BadState(description: "bad names") }
        let request = PackRequest.change([.version(data, range), .version(plain, range)])
        let approval = try approve(try installer.plan(request).plan)
        return try installer.install(request, approval: approval, by: Self.actor).isCommitted
    }

    private func approve(_ plan: PackPlan) throws -> ApprovalEvidence {
        let statement = ApprovalStatement(
            packs: plan, operator: try Self.ada(), reason: "sweep", notBefore: Timestamp(seconds: 1_699_999_000),
            notAfter: Timestamp(seconds: 1_700_001_000))
        var envelope = Envelope(payloadType: ApprovalStatement.payloadType, payload: statement.bytes)
        envelope.sign(with: try Self.key())
        return .signed(envelope)
    }

    func rollback() throws {
        try open { installer, _ in
            if try installer.rollback(reason: "sweep", by: Self.actor).isCommitted { try acknowledge(1) }
        }
    }

    func recover() throws { try open { _, recovery in try Standard.write("\(recovery.report.finding)\n") } }

    private func write(_ pack: String, _ version: Int, to source: String) throws {
        let snapshot = isBad ? "never" : isKept ? "always" : "on_schema_change"
        let data = pack == "data" ? schema(version) : 1
        let manifest = """
            schema_version: "aurora-manifest-v1"
            pack:
              id: "sweep-\(pack)"
              name: "sweep"
              version: "\(version).0.0"
              description: ""
              entrypoint: {install: "install.sh", start: "start.sh", stop: "stop.sh", health: "health.sh"}
              data: {schema_version: \(data), snapshot: \(snapshot)}
            \(pack == "data" && !isKept ? "  hooks: {migrate: \"migrate.sh\"}" : "")
            """
        try FileTree.makeFolders(source, mode: 0o755)
        for name in ["install.sh", "start.sh", "stop.sh", "health.sh", "migrate.sh"] {
            try put("#!/bin/sh\n", "\(source)/\(name)", 0o755)
        }
        try put("\(version)", "\(source)/VERSION", 0o644)
        try put(manifest, "\(source)/manifest.yaml", 0o644)
    }

    private func put(_ text: String, _ path: String, _ mode: UInt32) throws {
        let file = try Descriptor.open(path, [.writeOnly, .create, .truncate], mode: mode)
        try file.setMode(mode)
        try file.write(all: Array(text.utf8))
    }

    // MARK: Checks

    /// Both packs have one version between `first` and `last`; its number.
    func look(from first: Int, to last: Int) throws -> Int {
        let versions = try ["data", "plain"].map { try version(of: $0) }
        guard Set(versions).count == 1, let version = versions.first, (first...last).contains(version) else {
            throw BadState(description: "a mixed generation: data is \(versions[0]), plain is \(versions[1])")
        }
        return version
    }

    private func version(of pack: String) throws -> Int {
        let path = "\(root)/live/sweep-\(pack)/VERSION"
        // Nothing is installed: version 0.
        guard try FileStatus.ifExists("\(root)/current") != nil else { return 0 }
        return Int(String(decoding: try Descriptor.open(path, .readOnly).readAll(), as: UTF8.self)) ?? -1
    }

    /// After recovery: one generation, its data of its own schema and version, recovery repeatable, and life goes on.
    func check(from first: Int, to last: Int) throws {
        // Before any recovery the packs are of one generation already.
        _ = try look(from: first, to: last)
        let version = try open { _, _ in try look(from: first, to: last) }
        try checkData(of: version)
        try open { installer, recovery in
            guard recovery.isClean else { throw BadState(description: "a second recovery found something to do") }
            guard try installer.verify().isEmpty else { throw BadState(description: "an active pack drifted") }
            try checkLog(of: installer.device)
        }
        guard try DirectoryNames.read(in: "\(root)/staging").isEmpty else {
            throw BadState(description: "recovery left something in staging")
        }
        guard try look(from: version, to: version) == version else { throw BadState(description: "it changed again") }
    }

    /// Every change that was begun has its one end in the log, and an approval is used exactly when its change switched.
    private func checkLog(of device: Device) throws {
        var (open, used): (AuditAct?, Int) = (nil, 0)
        for logged in try device.audit.entries(from: 0, limit: 1000) {
            let entry = try logged.decoded()
            guard entry.outcome == .accepted, let act = AuditAct(rawValue: entry.action) else { continue }
            switch act {
            case .packInstall, .packRollback:
                if let open { throw BadState(description: "\(act.rawValue) follows a \(open.rawValue) without an end") }
                open = act
                used += act == .packInstall ? 1 : 0
            case .packDone, .packRolledBack, .packDegraded, .packAborted:
                guard let begun = open else { throw BadState(description: "\(act.rawValue) ends nothing") }
                used -= act == .packAborted && begun == .packInstall ? 1 : 0
                open = nil
            default: break
            }
        }
        if let open { throw BadState(description: "the log lacks the end of \(open.rawValue)") }
        let rows = try device.database.read { try $0.query("SELECT statement FROM packs_approvals").count }
        guard rows == used else { throw BadState(description: "\(rows) approvals are used, \(used) changes switched") }
    }

    /// What the active version finds among its data is what it, and no other version, wrote.
    private func checkData(of version: Int) throws {
        guard version > 0 else { return }
        let path = "\(root)/live/sweep-data/data/state"
        let found = String(decoding: try Descriptor.open(path, .readOnly).readAll(), as: UTF8.self)
        let expected = SweepRunner.state(version)
        guard found == expected else {
            throw BadState(
                description: "version \(version) finds data of \(found.prefix(20)) (\(found.utf8.count) bytes)")
        }
        // The form beside the data is theirs; the twin's hook may have worked on data that nobody put aside.
        guard !isBad else { return }
        let isMigrated = isInPlace && version > 1
        let form = #"{"form":{"migrated":\#(isMigrated),"version":"\#(version).0.0"},"format":"aurora-data-form-v1"}"#
        let said = try DurableFile.read("\(root)/data/sweep-data/\(schema(version)).form")
        guard said == Array(form.utf8) else {
            throw BadState(
                description: "data of version \(version) with the form \(String(decoding: said, as: UTF8.self))")
        }
    }
}

/// A double of the sandbox that does what the packs' scripts would do, in this process.
struct SweepRunner: ConfinedRunner {
    let folder: String

    static func state(_ version: Int) -> String { "state \(version)\n" + String(repeating: "\(version)", count: 5000) }

    func run(
        _ command: [String], in room: Confinement, _ options: ConfinedRun
    ) throws(SandboxRefusal) -> ConfinedResult {
        do {
            // A first version has no hook to run and writes its data when it installs itself.
            let version = Int(String(decoding: try DurableFile.read("\(room.code)/VERSION"), as: UTF8.self)) ?? 0
            let isMigrate = command[1].hasSuffix("migrate.sh")
            let manifest = String(decoding: try DurableFile.read("\(room.code)/manifest.yaml"), as: UTF8.self)
            let writesItself = version == 1 || manifest.contains("snapshot: always")
            if room.id == "sweep-data", isMigrate || writesItself {
                let data = room.mounts.first { $0.inside.contains("/data/") }?.host ?? ""
                // In place, as packs do: empty for a moment, then half, then whole.
                let file = try Descriptor.open("\(data)/state", [.writeOnly, .create, .truncate])
                try file.write(all: Array(Self.state(version).utf8))
                try file.synchronize()
            }
            return ConfinedResult(
                cause: .exited(0), output: [], errorOutput: [], truncated: false, duration: .zero)
        } catch {
            throw SandboxRefusal(.program, "\(error)")
        }
    }

    func open(_ room: Confinement, output: any OutputSink) throws(SandboxRefusal) -> any OpenRoom {
        throw SandboxRefusal(.program, "the sweep opens no rooms")
    }
}

/// A double of the core: nothing runs; a version is ill when the folder of the sweep says so.
private struct SweepServices: PackServices {
    let root: String
    func stop(_ packs: [PackID]) throws {}
    func start(_ pack: RunnablePack) throws {}
    func check(_ pack: RunnablePack, within timeout: Duration) throws -> String? {
        try FileStatus.ifExists("\(root)/../ill-\(pack.pack.version.major)") == nil ? nil : "told to be"
    }
    func finish() {}
}
