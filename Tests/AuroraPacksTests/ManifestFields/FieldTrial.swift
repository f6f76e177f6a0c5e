import AuroraActivation
import AuroraDatabase
import AuroraModel
import AuroraRuntime
import AuroraSystem
import AuroraTestSupport
import Glibc

@testable import AuroraPacks

/// One pack on a fresh device, and short words for what is seen of it.
final class FieldTrial {
    let bench: TestBench
    var pack: FieldPack
    private var count = 0

    init(_ bench: TestBench, _ pack: FieldPack) {
        self.bench = bench
        self.pack = pack
    }

    // MARK: Staging and installing

    /// Stages packs; the code of the refusal, or `staged`.
    func stage(_ packs: FieldPack...) throws -> String {
        code {
            try bench.use { installer in
                for pack in packs {
                    count += 1
                    let folder = "\(bench.folder)/field-\(count)"
                    try pack.write(to: folder)
                    _ = try installer.stage(.folder(folder), by: TestBench.ada)
                }
            }
        } ?? "staged"
    }

    /// Installs the newest of what is staged; how that ended.
    func install(_ id: String = "a", approval: ApprovalEvidence = TestBench.typed) -> String {
        do {
            let outcome = try bench.use { installer in
                try installer.install(
                    .change(PackID(id).map { [.version($0, nil)] } ?? []), approval: approval, by: TestBench.ada)
            }
            return outcome.isCommitted
                ? "committed" : "\(outcome.activation.result.rawValue): \(outcome.activation.reason ?? "")"
        } catch {
            return (error as? Refusal)?.code ?? "\(error)"
        }
    }

    /// Stages and installs in real rooms.
    func run() throws -> String {
        bench.realRunner = try RealRooms.runner.get()
        let staged = try stage(pack)
        return staged == "staged" ? install() : staged
    }

    /// What the pack wrote into `data/seen` in its room, each line once; or why it did not come to that.
    func seen() throws -> String {
        let outcome = try run()
        guard outcome == "committed" else { return outcome }
        var lines: [String] = []
        for line in try bench.data("a", "seen")?.split(separator: "\n") ?? [] where !lines.contains(String(line)) {
            lines.append(String(line))
        }
        return lines.joined(separator: ", ")
    }

    /// Installs an older version of the same pack with one file among its data, then the pack itself.
    func upgrade() throws -> String {
        _ = try stage(FieldPack([("pack.version", "0.9.0")]))
        _ = install()
        try write("kept", to: "\(bench.places.live)/a/data/state")
        try write("big", to: "\(bench.places.live)/a/data/cache/x")
        _ = try stage(pack)
        return install()
    }

    // MARK: Running

    /// Runs the pack under the real core.
    func core(_ body: (RunningCore) throws -> String) throws -> String {
        _ = try stage(pack)
        let outcome = install()
        guard outcome == "committed" else { return outcome }
        return try RunningCore.with(bench, body)
    }

    /// Whether the pack has written that file among its data.
    func has(_ file: String) -> Bool { (try? bench.data("a", file)) ?? nil != nil }

    /// How the pack is kept running by what its manifest says, without a room.
    func settings() throws -> ServiceSettings {
        _ = try stage(pack)
        _ = install()
        let device = try Device(
            places: bench.places, configuration: bench.configuration, clock: .fixed(bench.now))
        defer { device.database.close() }
        return try DevicePacks(device: device, settings: try bench.settings()).definitions().first?.settings
            ?? ServiceSettings()
    }
}
