import AuroraSystem
import Synchronization
import Testing

@Suite("Keyed lock")
struct KeyedLockTests {
    @Test("work on one key never overlaps")
    func oneKey() throws {
        let lock = KeyedLock<String>()
        let inside = Atomic<Int>(0)
        let most = Atomic<Int>(0)
        let threads = (0..<4).compactMap { _ in
            ServiceThread(name: "keyed") {
                for _ in 0..<200 {
                    lock.withLock("one") {
                        most.max(inside.add(1, ordering: .relaxed).newValue, ordering: .relaxed)
                        inside.subtract(1, ordering: .relaxed)
                    }
                }
            }
        }
        try #require(threads.count == 4)
        for thread in threads { thread.join() }
        #expect(most.load(ordering: .relaxed) == 1)
    }

    @Test("another key does not wait, and an error gives the key free")
    func otherKey() throws {
        struct Failure: Error {}
        let lock = KeyedLock<String>()
        lock.withLock("one") { lock.withLock("two") {} }
        #expect(throws: Failure.self) { try lock.withLock("one") { throw Failure() } }
        #expect(lock.withLock("one") { true })
    }
}
