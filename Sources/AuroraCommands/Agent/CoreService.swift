import AuroraModel
import AuroraPacks
import AuroraRuntime
import AuroraSystem
import Glibc

/// Runs the local core in the foreground until it is told to stop.
struct CoreService {
    let places: DevicePlaces
    let log: CoreLog
    /// The state folder and the program of a hub that runs beside the core; nil for none.
    var hub: (state: String, program: String)?
    /// Begins what is done beside running packs; nil for nothing.
    var maintain: (@Sendable (LocalCore) throws -> Maintenance)?
    /// How long the hub is waited for when everything ends.
    private static let hubPatience: Duration = .seconds(10)

    /// Serves until SIGTERM or SIGINT; SIGHUP reads the active set again.
    ///
    /// - Parameter packs: where the core learns what is active.
    func run(packs: any ActivePacks, _ runner: any ConfinedRunner) throws {
        let facts = FactsReader(state: places.root, missingLayers: { runner.missingLayers() }).read().json
        let core = try LocalCore(places: places, packs: packs, runner: runner, facts: facts, tell: log.tell)
        let hub: ChildProcess?
        do {
            sweep(runner)
            // Whoever stops the core while it waits for another command, or judges an interrupted change, need not wait
            // for that as well.
            let hasBegun = try core.begin(
                wait: { Self.stopRequest(within: .milliseconds(100)) == nil },
                isStopped: { Self.stopRequest(within: .zero) != nil })
            guard hasBegun else {
                core.end()
                return log.note("stopped before the packs were started")
            }
            hub = try startHub()
        } catch {
            core.end()
            throw error
        }
        let maintenance = beginMaintenance(core)
        log.note("the core runs on \(places.root)")
        ServiceManager.notify("READY=1")
        serve(core, hub)
        sayStopping(core)
        hub?.send(SIGTERM)
        maintenance?.end()
        let isQuiet = core.end()
        if let hub { _ = try hub.wait(timeout: Self.hubPatience) }
        log.note(isQuiet ? "stopped" : "stopped; what did not end in time is killed")
    }

    /// The service manager kills what does not end in its time, which packs with long times of their own may need to exceed.
    private func sayStopping(_ core: LocalCore) {
        let time = core.endPatience + Self.hubPatience + .seconds(20)
        ServiceManager.notify("STOPPING=1\nEXTEND_TIMEOUT_USEC=\(time.components.seconds * 1_000_000)")
        log.note("stopping")
    }

    /// Behind the lock of the folder: what is found belonged to a core that was killed.
    private func sweep(_ runner: any ConfinedRunner) {
        do {
            let found = try (runner as? SandboxedRunner)?.sweepLeftovers() ?? []
            if !found.isEmpty { log.note("ended what cores that are gone have left: \(found.joined(separator: ", "))") }
        } catch {
            // Each pack that needs what is missing is refused by itself, with the same words.
            log.tell(.trouble("\(error)"))
        }
    }

    /// A request to end that has come, or comes within a time.
    private static func stopRequest(within time: Duration) -> Int32? {
        (try? Signals.wait(for: [SIGTERM, SIGINT], timeout: time)) ?? nil
    }

    /// A device whose jobs cannot be kept runs its packs all the same.
    private func beginMaintenance(_ core: LocalCore) -> Maintenance? {
        do {
            return try maintain?(core)
        } catch {
            core.post(.trouble("nothing is done by the calendar: \(error)"))
            return nil
        }
    }

    private func serve(_ core: LocalCore, _ hub: ChildProcess?) {
        var (hub, watchdog) = (hub, CoreWatchdog())
        while true {
            let signal = (try? Signals.wait(for: [SIGTERM, SIGINT, SIGHUP], timeout: .seconds(10))) ?? nil
            switch signal {
            case SIGTERM, SIGINT: return
            case SIGHUP:
                do {
                    let isDone = try core.reload()
                    log.note(
                        isDone
                            ? "the active set was read again"
                            : "a change is under way; device.yaml and the active set are read again at its end")
                } catch {
                    log.tell(.trouble("the active set was not read again: \(error)"))
                }
            default: break
            }
            watchdog.look(turns: core.supervisor.turns)
            if let outcome = try? hub?.wait(timeout: .zero) {
                log.tell(.trouble("the hub ended by itself: \(outcome)"))
                hub = nil
            }
        }
    }

    /// In the process group of the core, so that a Ctrl-C on the terminal reaches both; it ends with the core, also when
    /// that is killed.
    private func startHub() throws -> ChildProcess? {
        guard let hub else { return nil }
        var spec = ProcessSpec(
            executable: hub.program,
            arguments: ["internal", "beside", "\(getpid())", "hub", "start", "--state", hub.state],
            environment: Environment.all)
        spec.sharesGroup = true
        return try ChildProcess.start(spec, output: .inherit, errorOutput: .inherit)
    }
}
