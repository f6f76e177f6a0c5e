import AuroraCrypto
import AuroraDatabase
import AuroraModel
import AuroraPacks
import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import AuroraTrust
import Testing

@Suite struct DeviceWaiverTests {
    private static let key = Ed25519PrivateKey()
    private static let now: Int64 = 1_800_000_000_000

    private func waiver(pack: String = "app", device: String = "device", key: Ed25519PrivateKey) throws -> [UInt8] {
        let now = Timestamp(milliseconds: Self.now)
        let waiver = LayerWaiver(
            device: device, pack: try #require(PackID(pack)), layer: "cgroup",
            operator: try #require(UserName("ann")), reason: "kernel update", notBefore: now,
            notAfter: now.adding(seconds: 86_400))
        var envelope = Envelope(payloadType: ApprovalStatement.payloadType, payload: waiver.bytes)
        envelope.sign(with: key)
        return envelope.json.documentBytes
    }

    /// What counts for the pack `app` some seconds after now, with these files in the folder of waivers.
    private func counted(_ files: [String: [UInt8]], after seconds: Int64 = 1) throws -> [SandboxLayer: String] {
        try withTemporaryDirectory { folder in
            let places = DevicePlaces(root: folder + "/device")
            var configuration = DeviceConfiguration()
            configuration.operators = [
                .init(
                    name: try #require(UserName("ann")),
                    keys: [OperatorPublicKey(key: Self.key.publicKey, name: "ann")])
            ]
            let device = try Device(
                places: places, configuration: configuration, clock: .fixed(Self.now + seconds * 1000))
            defer { device.database.close() }
            if !files.isEmpty { try DurableFile.makeDirectory(places.waivers, mode: 0o755) }
            for (name, bytes) in files { try DurableFile.replace("\(places.waivers)/\(name)", contents: bytes) }
            return try device.waived(for: try #require(PackID("app")))
        }
    }

    @Test func aWaiverByAnOperatorOfTheDeviceCountsAndSaysWhoseWordItIs() throws {
        let found = try counted(["app-cgroup.json": waiver(key: Self.key)])
        #expect(found == [.cgroup: "waived by ann until 2027-01-16T08:00:00Z: kernel update"])
    }

    @Test func withoutTheFolderNothingIsWaived() throws { #expect(try counted([:]).isEmpty) }

    @Test(arguments: ["another pack", "another device", "a stranger's key", "out of date", "noise", "another name"])
    func whatIsNoWaiverForThisPackHereAndNowCountsForNothing(_ fault: String) throws {
        let files: [String: [UInt8]] =
            switch fault {
            case "another pack": ["w.json": try waiver(pack: "other", key: Self.key)]
            case "another device": ["w.json": try waiver(device: "other", key: Self.key)]
            case "a stranger's key": ["w.json": try waiver(key: Ed25519PrivateKey())]
            case "noise": ["w.json": Array("{\"payload".utf8)]
            case "another name": ["w.txt": try waiver(key: Self.key)]
            default: ["w.json": try waiver(key: Self.key)]
            }
        #expect(try counted(files, after: fault == "out of date" ? 86_400 : 1).isEmpty)
    }
}
