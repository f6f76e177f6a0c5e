import AuroraActivation
import AuroraModel
import AuroraPacks
import AuroraRuntime
import AuroraSandbox
import AuroraSystem
import AuroraTrust
import Glibc

/// This machine's device, as one command works with it.
struct LocalDevice {
    let invocation: Invocation
    let device: Device
    /// Who works on it: the person at this terminal.
    let actor: Actor
    /// How packs are run and judged here.
    let settings: PackInstallerSettings

    /// Opens the device of the command line; its folder and files are made where they are missing.
    init(_ invocation: Invocation) throws {
        let places = try invocation.devicePlaces
        let configuration = try invocation.deviceConfiguration(places)
        self.invocation = invocation
        device = try Device(places: places, configuration: configuration, clock: invocation.surroundings.clock)
        actor = Actor(name: LoginUser.current.name, via: .console)
        settings = try PackInstallerSettings(device: device)
    }

    /// What is on the device now, whatever others do to it.
    var overview: PackOverview { PackOverview(device, on: settings.traits) }

    /// Plans, stages or verifies, alone; what an interruption left is finished first, and said.
    func withInstaller<Result>(_ body: (PackInstaller) throws -> Result) throws -> Result {
        // Packs that a core runs are never started a second time beside it, also when an interruption is found.
        try besideCore { core in try open(body, core, resuming: core == nil) }
    }

    /// Changes which packs are active: through the running core, or, where none runs, with packs that run for as long as
    /// the change needs them.
    ///
    /// The core is told before and after, so that it finishes what this program could not.
    func changing<Result>(_ body: (PackInstaller) throws -> Result) throws -> Result {
        try besideCore { core in
            guard let core else { return try open(body, nil) }
            try whenFree { try core.beginChange() }
            let result = Swift.Result { try open(body, core) }
            // What is left open is the core's to finish, as soon as this connection ends.
            if case .failure = result, try PackInstaller.hasOpenData(device) { return try result.get() }
            do {
                try core.endChange()
            } catch {
                // What became of the change counts; the core reads it when it starts again.
                invocation.console.warn("the core was not told that the change is over: \(error)")
            }
            return try result.get()
        }
    }

    /// Does something with the core that runs, or with none; from the beginning, when a core has come in between.
    private func besideCore<Result>(_ body: (CoreClient?) throws -> Result) throws -> Result {
        do {
            return try body(try CoreClient.ifRunning(device.places))
        } catch is CoreHasStarted {
            return try besideCore(body)
        }
    }

    /// How long another command, or the core that finishes a change, is waited for.
    private static let patience = Duration.seconds(30)

    private func open<Result>(
        _ body: (PackInstaller) throws -> Result, _ core: CoreClient?, resuming: Bool = true
    ) throws -> Result {
        do {
            let opened = try whenFree {
                try PackInstaller.open(device, settings, resuming: resuming) { try services(core, $0) }
            }
            return try run(body, opened)
        } catch let error as NoVerdict {
            throw CommandError(
                "the change of the packs stays open", cause: "\(error)",
                remedy: "the core finishes it as soon as it runs: aurora start, then aurora pack status",
                code: "change_open", exit: .halted)
        }
    }

    /// What stops and starts packs, now that nobody else can take the device.
    ///
    /// - Throws: ``CoreHasStarted``. A core has its socket before it takes the device, so one that has none by now waits for
    ///   the end of this command.
    private func services(_ core: CoreClient?, _ rooms: PackRoom) throws -> any PackServices {
        if let core { return CoreServices(core) }
        guard try CoreClient.ifRunning(device.places) == nil else { throw CoreHasStarted() }
        return TemporaryServices(runner: settings.runner, rooms: rooms)
    }

    /// Tries again while somebody else is changing the device.
    private func whenFree<Result>(_ body: () throws -> Result) throws -> Result {
        let deadline = ContinuousClock.now + Self.patience
        var hasSaid = false
        while true {
            do {
                return try body()
            } catch let error where Self.isBusy(error) {
                guard ContinuousClock.now < deadline else { throw error }
                if !hasSaid {
                    invocation.console.note("another change of this device is under way; waiting for its end")
                }
                hasSaid = true
                usleep(100_000)
            }
        }
    }

    private static func isBusy(_ error: any Error) -> Bool {
        switch error {
        case let refusal as Refusal: ["device_busy", "change_open"].contains(refusal.code)
        case let problem as CoreProblem: problem.code == "busy"
        default: false
        }
    }

    private func run<Result>(
        _ body: (PackInstaller) throws -> Result, _ opened: (installer: PackInstaller, recovery: PackRecovery)
    ) throws -> Result {
        let (installer, recovery) = opened
        if let words = recovery.dataWords { invocation.console.warn(words) }
        if recovery.report.finding != .clean {
            let end = recovery.report.outcome.map { "it ended as \($0.result.rawValue)" } ?? "nothing had changed"
            invocation.console.warn("an interrupted change was finished first: \(end)")
        }
        do {
            return try body(installer)
        } catch let error as ActivationError {
            throw CommandError(error.message, remedy: error.remedy, code: error.code.rawValue, exit: .conflict)
        }
    }
}

/// A core has the device that no core had when the command began.
private struct CoreHasStarted: Error {}

extension PackInstallerSettings {
    /// How packs are run and judged on this machine: by the launcher installed with this program, and by its facts.
    init(device: Device) throws {
        let sandbox = Sandbox(launcherPath: try Sandbox.installedLauncher())
        self.init(
            runner: SandboxedRunner(sandbox: sandbox), unpack: UnpackChild(sandbox: sandbox),
            traits: FactsReader(state: device.places.root).read().traits)
        minUptime = .seconds(2)
        verifier = try Self.verifier(device)
    }

    /// Who may sign packs, from device.yaml; nil when nobody is named.
    private static func verifier(_ device: Device) throws -> OpenPGPVerifier? {
        let signing = device.configuration.signing
        guard !signing.keyring.isEmpty else { return nil }
        let files = try signing.keyring.map { path in
            (path, try LocalFile.read(path, what: "keyring of device.yaml", limit: 4 << 20))
        }
        let ring = try ReleaseKeyring.build(at: device.places.keyring, from: files)
        let missing = signing.fingerprints.filter { !ring.fingerprints.contains($0) }
        guard missing.isEmpty else {
            throw CommandError(
                "no key of signing.keyring has the fingerprint \(missing.joined(separator: ", "))",
                remedy: "correct signing.fingerprints in device.yaml, or add the key's file",
                code: "device_configuration",
                exit: .verificationFailed)
        }
        return OpenPGPVerifier(
            keyring: device.places.keyring, allowedFingerprints: Set(signing.fingerprints),
            launcher: try Sandbox.installedLauncher())
    }
}
