import AuroraSystem
import Testing

@Suite("Alarms")
struct AlarmTests {
    /// Ends a wait that nothing else ends.
    private func bound() -> Int64 { BootClock.system.now() + 30_000_000_000 }

    @Test("a moment of either clock that has passed ends every wait for it, also the second for the same one")
    func passedMoments() throws {
        let alarm = try Alarm()
        let passed = WallClock.system.now() - 1000
        let bound = bound()
        for wall in [passed, passed, nil, nil, passed, Int64.max, passed] {
            if wall != passed { alarm.ring() }
            let wasSet = try alarm.wait(boot: bound, wall: wall)
            #expect(!wasSet)
        }
        for _ in 0..<2 { _ = try alarm.wait(boot: 1, wall: nil) }
        let now = BootClock.system.now()
        #expect(now < bound, "a wait went on to its bound")
    }

    @Test("ringing ends one wait, however often it rang before")
    func ringing() throws {
        let alarm = try Alarm()
        let bound = bound()
        for _ in 0..<3 { alarm.ring() }
        _ = try alarm.wait(boot: bound, wall: nil)
        let rung = BootClock.system.now()
        #expect(rung < bound)
        let soon = rung + 20_000_000
        _ = try alarm.wait(boot: soon, wall: nil)
        let now = BootClock.system.now()
        #expect(now >= soon, "the bell rang twice")
    }
}
