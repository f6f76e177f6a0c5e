import AuroraPacks
import AuroraRuntime
import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import Glibc
import Testing

@testable import AuroraCommands

@Suite struct CoreServiceTests {
    /// A device without packs.
    private struct NoPacks: ActivePacks {
        func recover(through control: any PackControl) -> String? { nil }
        func readConfiguration() {}
        func definitions() -> [ServiceDefinition] { [] }
        func renewed(_ room: Confinement) -> Confinement { room }
        func keep(_ packs: [ServiceRuntime], isAll: Bool) {}
    }

    private struct NoRooms: ConfinedRunner {
        func run(
            _ command: [String], in room: Confinement, _ options: ConfinedRun
        ) throws(SandboxRefusal) -> ConfinedResult {
            throw SandboxRefusal(.program, "nothing runs here")
        }
        func open(_ room: Confinement, output: any OutputSink) throws(SandboxRefusal) -> any OpenRoom {
            throw SandboxRefusal(.program, "nothing runs here")
        }
    }

    @Test("a hub that cannot be started beside the core ends the core, which gives its device back")
    func missingHub() throws {
        try withTemporaryDirectory { folder in
            let places = DevicePlaces(root: folder)
            var service = CoreService(places: places, log: CoreLog(isJSON: true))
            service.hub = (folder, "\(folder)/no-such-program")
            #expect {
                try service.run(packs: NoPacks(), NoRooms())
            } throws: { ($0 as? SystemError)?.errno == ENOENT }
            // Held for as long as the core serves its socket.
            #expect(eventually(within: .seconds(60)) { (try? FileLock(path: "\(places.run)/core.lock")) != nil })
        }
    }

    @Test("the service manager is told that the core lives only when its supervisor has turned since the last time")
    func watchdog() {
        var told: [String] = []
        var watchdog = CoreWatchdog { told.append($0) }
        for turns: UInt64 in [0, 1, 1, 1, 3, 3] { watchdog.look(turns: turns) }
        #expect(told == ["WATCHDOG=1", "WATCHDOG=1"])
    }
}
