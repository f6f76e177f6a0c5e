package import AuroraModel
package import AuroraRuntime
import AuroraSandbox
import Synchronization

/// Packs that run only as long as a change needs them: what the health gate uses where no core runs.
///
/// Each pack started gets a room that stays open until ``finish()``; whatever its `start` left behind ends with it.
package final class TemporaryServices: PackServices {
    private let runner: any ConfinedRunner
    private let rooms: PackRoom
    private let open = Mutex<[Running]>([])

    private struct Running {
        let pack: RunnablePack
        let room: any OpenRoom
        /// Whether its start has left something running, which then has to stay.
        var isService = false
    }

    /// What a start leaves behind lives at least so long, as under the core; else it is done, or has failed.
    private static let settling = Duration.milliseconds(200)

    package init(runner: any ConfinedRunner, rooms: PackRoom) {
        self.runner = runner
        self.rooms = rooms
    }

    package func stop(_ packs: [PackID]) throws {
        for id in packs {
            guard let found = open.withLock({ list in list.first { $0.pack.id == id } }) else { continue }
            try close(found.pack, found.room)
            // One that could not be closed is still known, and is tried again at the end.
            open.withLock { list in list.removeAll { $0.room === found.room } }
        }
    }

    private func close(_ runnable: RunnablePack, _ room: any OpenRoom) throws {
        let (manifest, grace) = (
            runnable.pack.manifest, Duration.seconds(runnable.pack.manifest.service.stopTimeoutSeconds)
        )
        // However its own stop ends, closing the room ends everything in it.
        _ = try? room.run(PackRoom.command(manifest.entrypoint.stop, of: runnable.id), ConfinedRun(timeout: grace))
        let survivors = room.close(grace: grace)
        guard survivors.isEmpty else {
            throw Self.survives(
                runnable.id.text,
                "Of \(runnable.id) these processes are still there: \(survivors.map { "\($0.pid)" }.joined(separator: ", ")).",
                remedy: "find out what holds them (state D is a device that does not answer), then try again")
        }
    }

    package func start(_ pack: RunnablePack) throws {
        let manifest = pack.pack.manifest
        let timeout = Duration.seconds(manifest.service.startTimeoutSeconds)
        do {
            let confinement = try rooms.confinement(of: pack)
            try PackStorage(places: rooms.device.places).check(confinement)
            let room = try runner.open(confinement, output: Silence())
            open.withLock { $0.append(Running(pack: pack, room: room)) }
            let result = try room.run(
                PackRoom.command(manifest.entrypoint.start, of: pack.id), ConfinedRun(timeout: timeout))
            guard result.isSuccess else {
                throw PackScripts.Failure(pack.id, manifest.entrypoint.start, result, timeout)
            }
            let isService = !room.waitUntilEmpty(timeout: Self.settling)
            open.withLock { list in
                for index in list.indices where list[index].room === room { list[index].isService = isService }
            }
        } catch let refusal as SandboxRefusal {
            throw PackRefusals.sandbox(refusal)
        }
    }

    package func check(_ pack: RunnablePack, within timeout: Duration) throws -> String? {
        let running = open.withLock { list in list.first { $0.pack.id == pack.id } }
        guard let running else { return "it was not started" }
        let room = running.room
        let script = pack.pack.manifest.entrypoint.health
        return try HealthGate.judge(within: timeout) { left in
            // Before anything else runs in the room and is the last to have ended there.
            if running.isService, room.waitUntilEmpty(timeout: .zero), room.serviceExit != .exited(0) {
                return .over("it ended: \(room.serviceExit.cause)")
            }
            let result = try room.run(PackRoom.command(script, of: pack.id), ConfinedRun(timeout: left))
            if room.ranOutOfMemory { return .over("it ran out of memory") }
            if result.isSuccess { return .good }
            let words = PackScripts.Failure(pack.id, script, result, timeout).words
            return result.cause == .timedOut ? .cutOff(words) : .bad(words)
        }
    }

    package func finish() {
        for id in open.withLock({ $0.map(\.pack.id) }).reversed() { try? stop([id]) }
    }

    /// Output of packs that run for the gate alone goes nowhere; their own logs are theirs.
    private struct Silence: OutputSink {
        func receive(_ bytes: [UInt8], from stream: OutputStreamName) {}
    }
}
