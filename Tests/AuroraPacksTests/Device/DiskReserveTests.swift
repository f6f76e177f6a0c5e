import AuroraSystem
import AuroraTestSupport
import Testing

@testable import AuroraPacks

/// What it is good for is told with a full disk (FullDiskStoryTests).
@Suite struct DiskReserveTests {
    @Test("what is set aside already is left as it is, and is not given up while there is room")
    func kept() throws {
        try withTemporaryDirectory { folder in
            let places = DevicePlaces(root: folder)
            let reserve = DiskReserve(places)
            reserve.giveUpIfNeeded()
            #expect(try FileStatus.ifExists(places.reserve) == nil)
            reserve.take()
            let taken = try FileStatus.of(places.reserve)
            #expect(taken.allocated >= DiskReserve.size && taken.mode == 0o600)
            reserve.take()
            reserve.giveUpIfNeeded()
            #expect(try FileStatus.of(places.reserve).inode == taken.inode)
        }
    }
}
