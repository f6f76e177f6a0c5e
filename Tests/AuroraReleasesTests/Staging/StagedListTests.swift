import Synchronization
import Testing

@testable import AuroraReleases

/// The list of staged digests that polls are answered from.
@Suite struct StagedListTests {
    @Test func `the query runs while nothing is locked, and a list that changed meanwhile is not kept`() throws {
        let reads = Mutex(0)
        let list = Mutex<StagedList?>(nil)
        let staged = StagedList {
            let number = reads.withLock { count in
                count += 1
                return count
            }
            // Something is staged by another thread while this one reads; under a lock it could not get in.
            if number == 1 { list.withLock { $0 }?.invalidate() }
            return ["list \(number)"]
        }
        list.withLock { $0 = staged }
        #expect(try staged.digests() == ["list 1"])
        #expect(try staged.digests() == ["list 2"])
        #expect(try staged.digests() == ["list 2"])
        staged.invalidate()
        #expect(try staged.digests() == ["list 3"])
    }
}
