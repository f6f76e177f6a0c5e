import AuroraModel
import AuroraRuntime
import AuroraSystem
import AuroraTestSupport
import Glibc
import Testing

@testable import AuroraPacks

/// What the tasks do to a real device.
@Suite struct DeviceMaintenanceTests {
    @Test("packs that are as verified are no news; a changed byte is named, stands in the log, and fails the task")
    func verify() throws {
        try withBench { bench in
            try bench.watch { packs, _ in try packs.verify(RunStop()) }
            try bench.stage(SamplePack(id: "a"), SamplePack(id: "b"))
            try bench.install("a", "b")
            try bench.watch { packs, _ in try packs.verify(RunStop()) }
            let file = "\(bench.places.live)/b/start.sh"
            try #require(chmod(file, 0o755) == 0)
            try write("#!/bin/sh\n# not what was verified\n", to: file, mode: 0o755)
            let refusal = #expect(throws: Refusal.self) { try bench.watch { packs, _ in try packs.verify(RunStop()) } }
            #expect(refusal?.code == "pack_drift")
            #expect(refusal?.message.contains("packs/b/start.sh was changed") == true)
            #expect(try bench.logged().last == "pack.drift")
            // Beside somebody who is changing the device nobody waits.
            try bench.use { _ in
                #expect(code { try bench.watch { packs, _ in try packs.verify(RunStop()) } } == "pack_drift")
            }
        }
    }

    @Test("what nothing needs is collected, and nothing while a stop was asked for and the device is busy")
    func collect() throws {
        try withBench { bench in
            bench.configuration.store.keep = 1
            for version in ["1.0.0", "1.1.0", "1.2.0", "1.3.0"] {
                try bench.stage(SamplePack(id: "a", version: version))
                try bench.install("a")
            }
            let before = try bench.use { try $0.list().count }
            try bench.use { _ in
                let stop = RunStop()
                stop.raise()
                try bench.watch { packs, _ in try packs.collect(stop) }
            }
            #expect(try bench.use { try $0.list().count } == before)
            try bench.watch { packs, _ in try packs.collect(RunStop()) }
            #expect(try bench.use { try $0.list().count } < before)
            #expect(try bench.logged().last == "pack.collect")
            #expect(try bench.active() == ["a 1.3.0"])
        }
    }

    @Test(
        "a pack that keeps more than it may is refused at its start, by the manifest's limit or the device's",
        arguments: [
            ("resources: {storage_mb: 1}", nil, "1 MiB"), ("resources: {storage_files: 2}", nil, "2 files and folders"),
            ("", 1, "1 MiB"), ("resources: {storage_mb: 4}", nil, nil), ("resources: {storage_mb: 4}", 8, nil),
        ] as [(String, Int?, String?)])
    func storage(line: String, ofDevice: Int?, refusal: String?) throws {
        try withBench { bench in
            bench.configuration.resources.storageMB = ofDevice
            try bench.stage(SamplePack(id: "a", lines: line.isEmpty ? [] : [line]))
            try bench.install("a")
            let folder = "\(bench.places.live)/a"
            try write(String(repeating: "x", count: 600 << 10), to: "\(folder)/data/deep/state")
            try write(String(repeating: "x", count: 600 << 10), to: "\(folder)/logs/log")
            try bench.watch { packs, _ in
                let room = try #require(packs.definitions().first?.room)
                var told: Refusal?
                do { _ = try packs.renewed(room) } catch { told = error as? Refusal }
                #expect(told?.code == (refusal == nil ? nil : "storage_exceeded"))
                if let refusal { #expect(told?.message == "a keeps more than \(refusal) in its data and logs.") }
            }
        }
    }
}
