import AuroraModel
import AuroraRuntime
import AuroraTestSupport
import Testing

@testable import AuroraPacks

/// What a program finds in its room when it is only tried out.
@Suite struct RehearsalTests {
    @Test("a rehearsal has no lent folders, no socket of the core and no network, and writes to copies alone")
    func nothingIsGranted() throws {
        try withBench { bench in
            bench.configuration.mounts = [try #require(MountName("camera")): "\(bench.folder)/camera"]
            try write("", to: "\(bench.folder)/camera/picture")
            try write("", to: bench.places.coreSocket)
            try bench.stage(
                SamplePack(
                    id: "a", needs: ["b": "*"],
                    lines: [
                        "permissions: {network: shared, fs_read: [core-status], fs_write: [camera, core-control]}",
                        "safety: {dry_run_supported: true}",
                    ]), SamplePack(id: "b"))
            let wish = PackRequest.change([.version(try #require(PackID("a")), nil)])
            let results = try bench.use { try $0.dryRun(wish, by: TestBench.ada).rehearsals }
            #expect(results.contains { $0.pack.text == "a" && $0.onlyPlanned == nil })
            let room = try #require(bench.runner.rooms.last { $0.id == "a" })
            #expect(room.network == Confinement.Network.none)
            let shown = room.mounts.map(\.host)
            #expect(!shown.contains("\(bench.folder)/camera"))
            #expect(!shown.contains(bench.places.coreSocket) && !shown.contains(bench.places.status))
            #expect(shown.contains { $0.hasPrefix("\(bench.places.root)/store/") }, "what it needs is there: \(shown)")
            for mount in room.mounts where mount.isWritable {
                #expect(mount.host.hasPrefix("\(bench.places.root)/staging/"), "\(mount)")
            }

            // Installed, it has what it was granted.
            try bench.install("a")
            let real = try bench.watch { packs, _ in try #require(try packs.definitions().last).room }
            #expect(real.network == .shared)
            let granted = ["\(bench.folder)/camera", bench.places.coreSocket, bench.places.status]
            #expect(Set(granted).isSubset(of: real.mounts.map(\.host)))
        }
    }
}
