import AuroraFields
import AuroraModel
import AuroraRuntime
import AuroraSystem
import AuroraTestSupport
import Testing

@testable import AuroraPacks

@Suite struct DeviceConfigurationTests {
    private func parse(_ text: String) throws -> DeviceConfiguration {
        try DeviceConfiguration.parse(Array(text.utf8), file: "device.yaml")
    }

    @Test("without a file everything that could be weaker is refused")
    func missing() throws {
        try withTemporaryDirectory { root in
            let configuration = try DeviceConfiguration.load(DevicePlaces(root: root))
            #expect(configuration.policy == DeviceConfiguration.PolicyWords())
            #expect(configuration.policy.console == .refuse)
            #expect(configuration.policy.unsealed == .refuse)
            #expect(configuration.policy.unsigned == .refuse)
            #expect(configuration.policy.unattended == .refuse)
            #expect(configuration.operators.isEmpty)
            #expect(configuration.target.text == "device")
            #expect(configuration.snapshots.keep == 2 && configuration.snapshots.bytes == nil)
        }
    }

    @Test("every field is read")
    func fields() throws {
        let configuration = try parse(
            """
            version: aurora-device-v1
            name: gateway-7
            operators:
              - {name: ada, keys: ["aurora-ed25519:11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo ada"]}
            policy: {console: accept, unsealed: accept, unsigned: accept, unattended: accept}
            signing: {keyring: [/etc/keys.asc], fingerprints: [0123456789abcdef0123456789ABCDEF01234567]}
            environment: {REGION: north}
            mounts: {maps: /srv/maps}
            identities: {first: 100000, count: 10}
            resources: {memory_mb: 64, processes: 8}
            store: {keep: 2, bytes: 1000}
            snapshots: {keep: 3, bytes: 2000}
            """)
        #expect(configuration.target.text == "gateway-7")
        #expect(configuration.operators.first?.keys.count == 1)
        #expect(configuration.policy.unattended == .accept)
        #expect(configuration.signing.fingerprints == ["0123456789ABCDEF0123456789ABCDEF01234567"])
        #expect(configuration.environment.values.sorted() == ["north"])
        #expect(configuration.mounts.values.sorted() == ["/srv/maps"])
        #expect(configuration.identities.first == 100_000)
        #expect(configuration.identities.last == 100_009)
        #expect(configuration.resources.memoryMB == 64)
        #expect(configuration.store.keep == 2)
        #expect(configuration.store.bytes == 1000)
        #expect(configuration.snapshots.keep == 3)
        #expect(configuration.snapshots.bytes == 2000)
    }

    @Test("every part of the policy makes another digest, so that an approval does not outlive it")
    func digest() throws {
        var digests: Set<Digest> = [DeviceConfiguration().policyDigest]
        for word in ["console", "unsealed", "unsigned", "unattended"] {
            digests.insert(try parse("{version: aurora-device-v1, policy: {\(word): accept}}").policyDigest)
        }
        #expect(digests.count == 5)
    }

    @Test(
        "what is wrong is said with its place",
        arguments: [
            ("{version: aurora-device-v2}", "version"), ("{version: aurora-device-v1, polcy: {}}", "polcy"),
            ("{version: aurora-device-v1, policy: {console: maybe}}", "policy.console"),
            ("{version: aurora-device-v1, mounts: {maps: srv}}", "mounts"),
            ("{version: aurora-device-v1, environment: {LD_PRELOAD: x}}", "environment"),
            ("{version: aurora-device-v1, identities: {first: 4294967290, count: 10}}", "identities.count"),
            ("{name: x}", "version"),
        ])
    func wrong(text: String, field: String) throws {
        do {
            _ = try parse(text)
            Issue.record("accepted \(text)")
        } catch let error as DocumentError {
            #expect(error.problems.map(\.field) == [field])
            #expect(error.problems.allSatisfy { $0.line == 1 && !$0.remedy.isEmpty })
        }
    }
}
