import AuroraCrypto
import AuroraModel
import AuroraRuntime
import AuroraSandbox
import AuroraTestSupport
import AuroraTrust
import Synchronization
import Testing

@testable import AuroraPacks

/// What the machine cannot give to packs, and who may go without it.
@Suite struct MissingLayerTests {
    private static let key = Ed25519PrivateKey()

    private func plan(_ bench: TestBench, _ ids: String...) throws -> PackPlan {
        try bench.use { try $0.plan(.change(ids.compactMap { PackID($0) }.map { .version($0, nil) })).plan }
    }

    /// Ann's word that a pack may run without a cgroup for a day.
    private func waive(_ pack: String, on bench: TestBench) throws {
        let ann = try #require(UserName("ann"))
        bench.configuration.operators = [
            .init(name: ann, keys: [OperatorPublicKey(key: Self.key.publicKey, name: "ann")])
        ]
        try bench.use { installer in
            let now = Timestamp(milliseconds: bench.now)
            let waiver = LayerWaiver(
                device: bench.configuration.target.text, pack: try #require(PackID(pack)), layer: "cgroup",
                operator: ann, reason: "a test", notBefore: now, notAfter: now.adding(seconds: 86_400))
            var envelope = Envelope(payloadType: ApprovalStatement.payloadType, payload: waiver.bytes)
            envelope.sign(with: Self.key)
            _ = try installer.device.keep(waiver, signed: envelope, by: TestBench.ada)
        }
    }

    @Test("a plan names what is missing, and a dry run and an installation are refused before anything runs")
    func refused() throws {
        try withBench { bench in
            try bench.stage(SamplePack(id: "a"))
            bench.runner.missing.withLock { $0 = [SandboxRefusal(.cgroup, "no cgroups are mounted")] }
            #expect(try plan(bench, "a").missingFeatures == ["cgroup"])
            let wish = PackRequest.change([.version(try #require(PackID("a")), nil)])
            #expect(code { try bench.use { _ = try $0.dryRun(wish, by: TestBench.ada) } } == "feature_missing")
            #expect(code { try bench.install("a") } == "feature_missing")
            #expect(bench.runner.commands == [] && bench.services.log == [])
            #expect(try bench.active() == [])
        }
    }

    @Test("a layer that is waived for every pack of the change is not missing, until the waiver is over")
    func waived() throws {
        try withBench { bench in
            try bench.stage(SamplePack(id: "a"), SamplePack(id: "b"))
            bench.runner.missing.withLock { $0 = [SandboxRefusal(.cgroup, "no cgroups are mounted")] }
            try waive("a", on: bench)
            #expect(try plan(bench, "a").missingFeatures == [])
            #expect(try plan(bench, "a", "b").missingFeatures == ["cgroup"])
            try waive("b", on: bench)
            #expect(try plan(bench, "a", "b").missingFeatures == [])
            try bench.install("a", "b")
            #expect(bench.runner.rooms.allSatisfy { $0.waivers.keys.contains(.cgroup) })
            bench.now += 2 * 86_400_000
            try bench.stage(SamplePack(id: "a", version: "2.0.0"))
            #expect(code { try bench.install("a") } == "feature_missing")
        }
    }

    @Test("nothing is missing for a change that runs no pack")
    func removal() throws {
        try withBench { bench in
            try bench.stage(SamplePack(id: "a"))
            try bench.install("a")
            bench.runner.missing.withLock { $0 = [SandboxRefusal(.cgroup, "no cgroups are mounted")] }
            let removal = PackRequest.change([.removal(try #require(PackID("a")))])
            #expect(try bench.use { try $0.plan(removal).plan.missingFeatures } == [])
            try bench.use { _ = try $0.install(removal, approval: TestBench.typed, by: TestBench.ada) }
            #expect(try bench.active() == [])
        }
    }
}
