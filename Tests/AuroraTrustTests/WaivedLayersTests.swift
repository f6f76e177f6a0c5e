import AuroraCrypto
import AuroraModel
import AuroraSandbox
import AuroraTrust
import Testing

@Suite("Waived layers")
struct WaivedLayersTests {
    private let key = Ed25519PrivateKey()
    private let moment = Timestamp(seconds: 1_800_000_000)

    private func waiver(
        device: String = "dev-1", pack: String = "pack01", layer: String = "cgroup", from: Int64 = -10, to: Int64 = 10
    ) throws -> LayerWaiver {
        LayerWaiver(
            device: device, pack: try #require(PackID(pack)), layer: layer, operator: try #require(UserName("ann")),
            reason: "no cgroups on this board", notBefore: moment.adding(seconds: from),
            notAfter: moment.adding(seconds: to))
    }

    private func waived(_ waiver: LayerWaiver, signer: Ed25519PrivateKey? = nil) throws -> [String: String] {
        var envelope = Envelope(payloadType: ApprovalStatement.payloadType, payload: waiver.bytes)
        envelope.sign(with: signer ?? key)
        let layers = WaivedLayers.waived(
            for: try #require(PackID("pack01")), on: "dev-1", by: [envelope],
            operators: [try #require(UserName("ann")): [OperatorPublicKey(key: key.publicKey, name: "ann")]], at: moment
        )
        return Dictionary(uniqueKeysWithValues: layers.map { ($0.key.rawValue, $0.value) })
    }

    @Test("a statement of an operator holds for its device, pack and layer until its date")
    func holds() throws {
        let text = "waived by ann until \(moment.adding(seconds: 10).rfc3339): no cgroups on this board"
        #expect(try waived(waiver()) == ["cgroup": text])
        #expect(try LayerWaiver(bytes: waiver().bytes) == waiver())
    }

    @Test("anything else counts for nothing")
    func nothing() throws {
        #expect(try waived(waiver(), signer: Ed25519PrivateKey()) == [:])
        #expect(try waived(waiver(device: "dev-2")) == [:])
        #expect(try waived(waiver(pack: "pack02")) == [:])
        #expect(try waived(waiver(to: 0)) == [:])
        #expect(try waived(waiver(from: 1)) == [:])
        #expect(try waived(waiver(to: LayerWaiver.longestSeconds)) == [:])
        for layer in ["landlock", "seccomp", "bubblewrap", "identity", "none"] {
            #expect(try waived(waiver(layer: layer)) == [:], "\(layer)")
        }
    }
}
