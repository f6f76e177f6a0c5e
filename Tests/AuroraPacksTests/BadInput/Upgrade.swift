import AuroraActivation
import AuroraCrypto
import AuroraDatabase
import AuroraModel
import AuroraRuntime
import AuroraSystem
import AuroraTestSupport
import AuroraTrust
import Testing

@testable import AuroraPacks

/// A device on which version 0.9.0 of a pack is active in real rooms, and an upgrade to 1.0.0 that goes wrong.
struct Upgrade {
    /// What must not be lost.
    struct Belongings: Hashable {
        let active: [String]
        /// Every file of the pack's data by its path, with its text.
        let data: [String: String]
        /// Whether the approval can be used again.
        let isApprovalFree: Bool
        /// Whether an operation stands open in the journal.
        let isOpen: Bool
        /// What lies about of work that was not finished.
        let staging: [String]
        /// The processes that bear the test's mark.
        let processes: [String]
    }

    /// What the old version has written.
    static let data = ["state": "kept\n", "folder/file": "deep\n"]

    let bench: TestBench
    let mark = ProcessMark()
    private let key = Ed25519PrivateKey()

    /// Installs the old version.
    init(_ bench: TestBench, old: FieldPack = FieldPack()) throws {
        self.bench = bench
        bench.realRunner = try RealRooms.runner.get()
        let ada = try #require(UserName("ada"))
        bench.configuration.operators = [
            DeviceConfiguration.Operator(name: ada, keys: [OperatorPublicKey(key: key.publicKey, name: "ada")])
        ]
        var old = old
        old.set("pack.version", "0.9.0")
        // The pack's own user wrote its data, so that the next version could spoil them.
        old.files["install.sh"] = "cd packs/data; echo kept > state; mkdir folder; echo deep > folder/file"
        try stage(old)
        try #require(try bench.install("a").isCommitted)
    }

    /// Brings a version into the store.
    func stage(_ pack: FieldPack) throws {
        let folder = "\(bench.folder)/upgrade-\(SecureRandom.bytes(4).map { String($0, radix: 16) }.joined())"
        try pack.write(to: folder)
        try bench.use { _ = try $0.stage(.folder(folder), by: TestBench.ada) }
    }

    /// The upgrade with a script that is not as it should be; data are put aside first.
    ///
    /// - Parameter seconds: every time limit of the manifest.
    func stage(bad field: String, _ script: BadScript, seconds: Int) throws {
        var pack = FieldPack(files: ["bad.sh": script.marked(mark.text)])
        pack.set(field, "bad.sh")
        pack.set("pack.data.snapshot", "always")
        pack.set("pack.safety.dry_run_supported", true)
        pack.set("pack.service.restart", "never")
        pack.set("pack.resources.processes", 100)
        for limit in [
            "hooks.timeout_seconds", "safety.health_check_timeout_seconds", "service.start_timeout_seconds",
            "service.stop_timeout_seconds",
        ] { pack.set("pack." + limit, .integer(Int64(seconds))) }
        try stage(pack)
    }

    private var request: PackRequest { .change(PackID("a").map { [.version($0, nil)] } ?? []) }

    /// An approval of the change as it would be now, by an operator's key.
    func approval() throws -> Envelope {
        let plan = try bench.use { try $0.plan(request).plan }
        let statement = ApprovalStatement(
            packs: plan, operator: try #require(UserName("ada")), reason: "looked at it",
            notBefore: Timestamp(seconds: 999_999_000), notAfter: Timestamp(seconds: 1_000_000_600))
        var envelope = Envelope(payloadType: ApprovalStatement.payloadType, payload: statement.bytes)
        envelope.sign(with: key)
        return envelope
    }

    /// Carries the change out, or rehearses it; how that ended, in the words an operator gets.
    ///
    /// - Parameter core: who stops and starts packs; nil where no core runs.
    func carryOut(_ approval: Envelope, rehearsing: Bool = false, through core: RunningCore? = nil) -> String {
        let work = { (installer: PackInstaller) throws -> PackOutcome? in
            if rehearsing {
                _ = try installer.dryRun(request, by: TestBench.ada)
                return nil
            }
            return try installer.install(request, approval: .signed(approval), by: TestBench.ada)
        }
        do {
            let outcome = try core.map { try $0.changing(bench, work) } ?? bench.use(work)
            guard let activation = outcome?.activation else { return "rehearsed" }
            return activation.reason.map { "\(activation.result.rawValue): \($0)" } ?? activation.result.rawValue
        } catch {
            return (error as? Refusal)?.message ?? "\(error)"
        }
    }

    /// What there is now.
    func belongings(_ approval: Envelope) throws -> Belongings {
        let statement = Digest(hashing: approval.payload)
        let schema = "\(bench.places.data)/a/1"
        let files = try FileTree.walk(schema).filter { $0.kind == .regular }
        return try bench.open { installer, recovery in
            try #require(recovery.isClean, "something was left for the next start")
            let used = try installer.device.database.read { transaction in
                try transaction.first("SELECT plan FROM packs_approvals WHERE statement = ?", [.text(statement.hex)])
            }
            return Belongings(
                active: try bench.active(),
                data: Dictionary(
                    uniqueKeysWithValues: try files.map { ($0.path, try readText("\(schema)/\($0.path)")) }),
                isApprovalFree: used == nil, isOpen: installer.engine.state.open != nil,
                staging: try DirectoryNames.read(in: "\(bench.places.root)/staging").map(\.display),
                processes: try mark.processes())
        }
    }
}
