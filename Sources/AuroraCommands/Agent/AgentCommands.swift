import AuroraModel
import AuroraPacks
import AuroraSystem
import Glibc

/// `aurora agent …` and `aurora start`: the process that keeps a device's packs running.
enum AgentCommands {
    static let commands: [Command] = [run, start]

    static let run = Command(
        "agent run", "keep the active packs of this device running, in the foreground",
        discussion: """
            Finishes an interrupted change first, then starts the active packs in the order of their dependencies, and \
            starts again what fails. Ends with SIGTERM, after all packs have stopped; SIGHUP reads the active set again.
            """,
        options: [
            .device,
            .flag("local", "this device alone, without a hub"),
            .value("log-format", "FORMAT", hint: .choice(["text", "json"]), "text or json [text on a terminal]"),
        ],
        examples: ["agent run --local", "agent run --local --state /srv/gateway"],
        run: { invocation in
            guard invocation.line.has("local") else {
                throw CommandError.usage(
                    "this agent asks no hub", cause: "it keeps the packs of this device running, nothing more",
                    remedy: "add --local")
            }
            try service(invocation)
            return .success
        })

    static let start = Command(
        "start", "run this device: the local core with all active packs",
        discussion: """
            The same as agent run --local. With AURORA_ENABLE_AUX=1 a hub runs beside it, in the same process group and on \
            the same state folder, and ends with it.
            """,
        options: [
            .device,
            .value("log-format", "FORMAT", hint: .choice(["text", "json"]), "text or json [text on a terminal]"),
        ],
        examples: ["start", "start --state /srv/gateway"],
        run: { invocation in
            let wantsHub = invocation.surroundings.environment["AURORA_ENABLE_AUX"] == "1"
            try service(invocation, withHub: wantsHub)
            return .success
        })

    private static func service(_ invocation: Invocation, withHub: Bool = false) throws {
        // Before any thread is started: threads inherit what is blocked.
        Signals.block()
        let format = invocation.line.value("log-format")
        let isJSON = format.map { $0 == "json" } ?? !Terminal.isTerminal(2)
        let places = try invocation.devicePlaces
        // A damaged database is found here, once, and not in the middle of a change.
        let device = try Device(
            places: places, configuration: try invocation.deviceConfiguration(places), examines: true,
            clock: invocation.surroundings.clock)
        DiskReserve(places).take()
        let settings = try PackInstallerSettings(device: device)
        var service = CoreService(places: places, log: CoreLog(isJSON: isJSON))
        if withHub {
            let state =
                invocation.line.value("state") ?? invocation.surroundings.stateFolder(isRoot: geteuid() == 0)
            service.hub = (state, invocation.surroundings.executable)
        }
        let packs = DevicePacks(device: device, settings: settings)
        service.maintain = { core in
            let maintenance = try Maintenance(
                device: device,
                work: Maintenance.Work(
                    judge: { core.judgeRunning() }, verify: packs.verify, collect: packs.collect),
                tell: { core.post($0) })
            core.onConfiguration {
                do {
                    try maintenance.adopt(device.configuration.maintenance)
                } catch {
                    core.post(.trouble("device.yaml's maintenance does not hold yet: \(error)"))
                }
            }
            return maintenance
        }
        try service.run(packs: packs, settings.runner)
    }
}
