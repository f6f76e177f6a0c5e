import AuroraActivation
import AuroraCrypto
import AuroraDatabase
import AuroraModel
import AuroraPacks
import AuroraRuntime
import AuroraSandbox
import AuroraSystem
import AuroraTrust

/// A device with staged packs that are installed and taken back as an operator does it.
///
/// Only the packs' own programs are left out: what they do takes its time on every device.
final class InstalledPacks {
    private static let ada = Actor(name: "ada", via: .console)
    private let key = Ed25519PrivateKey()
    private let name: UserName
    private let device: Device
    private let installer: PackInstaller
    private let ids: [PackID]

    init(_ bench: Bench, _ root: String, packs: Int) throws {
        guard let name = UserName("ada") else { throw BenchError("bad name") }
        self.name = name
        ids = (1...packs).compactMap { PackID("pack\($0)") }
        var configuration = DeviceConfiguration()
        configuration.policy.unsealed = .accept
        configuration.policy.unsigned = .accept
        configuration.operators = [.init(name: name, keys: [OperatorPublicKey(key: key.publicKey, name: "ada")])]
        device = try Device(places: DevicePlaces(root: "\(root)/device"), configuration: configuration)
        let launcher = try bench.program("aurora-launcher")
        // Folders are staged, which unpacks nothing.
        let settings = PackInstallerSettings(
            runner: NoPrograms(),
            unpack: UnpackChild(sandbox: Sandbox(launcherPath: launcher), auroraPath: launcher),
            traits: DeviceTraits(machine: "x86_64"))
        installer = try PackInstaller.open(device, settings) { _ in NoServices() }.installer
        for id in ids {
            let source = "\(root)/\(id)"
            try Self.write(id, to: source)
            _ = try installer.stage(.folder(source), by: Self.ada)
        }
    }

    deinit { device.database.close() }

    /// Plan, approval by an operator's key, its use with the entry in the log, the switch, and the entry of its end.
    func install() throws {
        let request = PackRequest.change(ids.map { .version($0, nil) })
        let plan = try installer.plan(request).plan
        let now = Timestamp(milliseconds: WallClock.system.now())
        let statement = ApprovalStatement(
            packs: plan, operator: name, reason: "looked at it", notBefore: now, notAfter: now.adding(seconds: 600))
        var approval = Envelope(payloadType: ApprovalStatement.payloadType, payload: statement.bytes)
        approval.sign(with: key)
        let outcome = try installer.install(
            request, approval: .signed(approval), expecting: plan.digest, by: Self.ada)
        guard outcome.isCommitted else { throw BenchError("the install ended as \(outcome.activation.result)") }
    }

    /// Back to where the same install can be done again.
    func takeBack() throws {
        _ = try installer.rollback(reason: "again", by: Self.ada)
        for block in installer.engine.blocked() { try installer.engine.clearBlock(block.tree) }
    }

    private static func write(_ id: PackID, to folder: String) throws {
        try DurableFile.makeDirectory(folder, mode: 0o755)
        let manifest = """
            schema_version: "aurora-manifest-v1"
            pack:
              id: "\(id)"
              name: "\(id)"
              version: "1.0.0"
              description: "a pack of a measurement"
              entrypoint: {install: "install.sh", start: "start.sh", stop: "stop.sh", health: "health_check.sh"}

            """
        try DurableFile.replace("\(folder)/manifest.yaml", contents: Array(manifest.utf8), mode: 0o644)
        for script in ["install", "start", "stop", "health_check"] {
            try DurableFile.replace("\(folder)/\(script).sh", contents: Array("#!/bin/sh\n".utf8), mode: 0o755)
        }
    }
}

/// Every program of a pack does its work in no time.
private struct NoPrograms: ConfinedRunner {
    func run(
        _ command: [String], in room: Confinement, _ options: ConfinedRun
    ) throws(SandboxRefusal) -> ConfinedResult {
        ConfinedResult(cause: .exited(0), output: [], errorOutput: [], truncated: false, duration: .zero)
    }

    func open(_ room: Confinement, output: any OutputSink) throws(SandboxRefusal) -> any OpenRoom {
        throw SandboxRefusal(.program, "nothing is opened in a measurement without programs")
    }
}

/// Every service stops, starts and is healthy in no time.
private struct NoServices: PackServices {
    func stop(_ packs: [PackID]) throws {}
    func start(_ pack: RunnablePack) throws {}
    func check(_ pack: RunnablePack, within timeout: Duration) throws -> String? { nil }
    func finish() {}
}
