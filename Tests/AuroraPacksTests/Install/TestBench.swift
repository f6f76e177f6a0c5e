import AuroraActivation
import AuroraAudit
import AuroraCrypto
import AuroraDatabase
import AuroraModel
import AuroraRuntime
import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import AuroraTrust
import Testing

@testable import AuroraPacks

/// A device in a folder of its own, with short words for what tests do.
final class TestBench {
    let folder: String
    let places: DevicePlaces
    let services = ServicesDouble()
    let runner = RunnerDouble()
    var configuration = DeviceConfiguration()
    var verifier: OpenPGPVerifier?
    var traits = DeviceTraits(machine: "x86_64")
    /// The real sandbox with temporary rooms, instead of both doubles.
    var realRunner: SandboxedRunner?
    var minUptime = Duration.zero
    var now: Int64 = 1_000_000_000_000
    private var count = 0

    static let ada = Actor(name: "ada", via: .console)

    init(_ folder: String) {
        self.folder = folder
        places = DevicePlaces(root: "\(folder)/device")
        configuration.policy.console = .accept
        configuration.policy.unsealed = .accept
        configuration.policy.unsigned = .accept
    }

    /// Opens the device and its installer, does something, and lets both go.
    @discardableResult
    func use<Result>(_ body: (PackInstaller) throws -> Result) throws -> Result {
        try open { installer, _ in try body(installer) }
    }

    @discardableResult
    func open<Result>(_ body: (PackInstaller, PackRecovery) throws -> Result) throws -> Result {
        let device = try Device(places: places, configuration: configuration, clock: .fixed(now))
        defer { device.database.close() }
        let (installer, recovery) = try PackInstaller.open(device, try settings()) { rooms -> any PackServices in
            if let realRunner { return TemporaryServices(runner: realRunner, rooms: rooms) }
            return services
        }
        return try body(installer, recovery)
    }

    /// How packs are run and judged here.
    func settings() throws -> PackInstallerSettings {
        var settings = PackInstallerSettings(
            runner: realRunner ?? runner,
            unpack: UnpackChild(
                sandbox: Sandbox(launcherPath: try BuiltPrograms.path("aurora-launcher")),
                auroraPath: try BuiltPrograms.path("aurora")),
            verifier: verifier, traits: traits)
        settings.minUptime = minUptime
        return settings
    }

    /// The device as a core sees it.
    @discardableResult
    func watch<Result>(_ body: (DevicePacks, Device) throws -> Result) throws -> Result {
        let device = try Device(places: places, configuration: configuration, clock: .fixed(now))
        defer { device.database.close() }
        return try body(DevicePacks(device: device, settings: try settings()), device)
    }

    /// Writes a pack into a folder of this machine.
    func folder(of pack: SamplePack) throws -> String {
        count += 1
        let path = "\(folder)/source-\(count)"
        try pack.write(to: path)
        return path
    }

    @discardableResult
    func stage(_ packs: SamplePack...) throws -> [StagedPack] {
        try use { installer in
            try packs.map { try installer.stage(.folder(try folder(of: $0)), by: Self.ada) }
        }
    }

    /// Installs the newest staged versions of packs, approved at the console.
    @discardableResult
    func install(_ ids: String...) throws -> PackOutcome {
        try use { installer in
            try installer.install(
                .change(ids.compactMap { PackID($0).map { .version($0, nil) } }), approval: Self.typed, by: Self.ada)
        }
    }

    /// Sets a variable as device.yaml does.
    func setVariable(_ name: String, _ value: String) throws {
        configuration.environment[try #require(EnvironmentName(name))] = value
    }

    static let typed = ApprovalEvidence.console(
        login: LoginUser(uid: 1000, name: "1000", isLogin: true), reason: "because")

    /// What is active, such as `a 1.0.0`.
    func active() throws -> [String] {
        try SetTrees.active(at: places).members.map { "\($0.id) \($0.version)" }
    }

    /// What whoever looks is told of one pack.
    func info(_ pack: String) throws -> PackInfo { try looking { try $0.info(try #require(PackID(pack))) } }

    /// Looks at the packs as a command does that changes nothing.
    func looking<Result>(_ body: (PackOverview) throws -> Result) throws -> Result {
        try watch { _, device in try body(PackOverview(device, on: traits)) }
    }

    /// The text of a file among a pack's data, through the active pack's own link; nil when it is not there.
    func data(_ pack: String, _ file: String = "state") throws -> String? {
        let path = "\(places.live)/\(pack)/data/\(file)"
        guard try FileStatus.ifExists(path) != nil else { return nil }
        return try readText(path)
    }

    /// The actions in the device's log with the codes of refusals.
    func logged() throws -> [String] {
        try use { installer in
            try installer.device.audit.entries(from: 0, limit: 1000).map { logged in
                let entry = try logged.decoded()
                if case .refused(let code) = entry.outcome { return "\(entry.action) refused \(code)" }
                return entry.action
            }
        }
    }
}

/// Runs a test body on a fresh device.
func withBench(_ body: (TestBench) throws -> Void) throws {
    try withTemporaryDirectory { try body(TestBench($0)) }
}

/// The code of the refusal that `body` throws; nil when it throws none.
func code(_ body: () throws -> Void) -> String? {
    do {
        try body()
        return nil
    } catch {
        return (error as? Refusal)?.code ?? (error as? ActivationError).map { "\($0.code)" } ?? "\(error)"
    }
}
