import AuroraRuntime
import AuroraSandbox
import Testing

@Suite struct ConfinementTests {
    @Test func aRoomHasNoNetworkNoMountsAndBoundsUnlessToldOtherwise() {
        let room = Confinement(id: "demo", identity: SandboxIdentity(uid: 70_000, gid: 70_000), code: "/store/x")
        #expect(room.network == .none)
        #expect(room.mounts.isEmpty && room.environment.isEmpty)
        #expect(room.limits.memoryBytes == 512 << 20 && room.limits.processes == 256)
    }
}
