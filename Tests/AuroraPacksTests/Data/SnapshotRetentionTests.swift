import AuroraModel
import AuroraTestSupport
import Testing

@testable import AuroraPacks

/// Which copies of data stay, as a table: what lies there and the bounds, and what goes.
@Suite struct SnapshotRetentionTests {
    /// One case; copies are written as `a3` for that of pack a before generation 3, each with ten bytes.
    struct Case: CustomTestStringConvertible {
        let testDescription: String
        let there: [String]
        var keep = 2
        var bytes: Int64?
        /// Generations that the way back needs.
        var needed: Set<Int> = []
        /// Copies that never became whole.
        var halves: Set<String> = []
        let leaving: [String]
        var excess: Int64 = 0
    }

    static let cases = [
        Case(testDescription: "nothing there", there: [], bytes: 0, leaving: []),
        Case(testDescription: "fewer than the count", there: ["a2", "b2"], leaving: []),
        Case(testDescription: "the count holds for each pack", there: ["a2", "a3", "b3", "a4"], leaving: ["a2"]),
        Case(testDescription: "none are to stay", there: ["a2", "a3"], keep: 0, leaving: ["a2", "a3"]),
        Case(
            testDescription: "none are to stay but the needed one", there: ["a2", "a3"], keep: 0, needed: [3],
            leaving: ["a2"]),
        Case(testDescription: "exactly at the bytes", there: ["a2", "b3"], bytes: 20, leaving: []),
        Case(testDescription: "one byte above", there: ["a2", "b3"], bytes: 19, leaving: ["a2"]),
        Case(
            testDescription: "the oldest of all packs go first", there: ["a5", "b2", "c3", "c4"], bytes: 20,
            leaving: ["b2", "c3"]),
        Case(
            testDescription: "both bounds: what the count removes is not counted", there: ["a1", "a2", "a3", "b1"],
            bytes: 30, leaving: ["a1"]),
        Case(
            testDescription: "a needed one stays, and a newer one goes in its place", there: ["a2", "b3"], bytes: 10,
            needed: [2], leaving: ["b3"]),
        Case(
            testDescription: "needed ones are more than allowed: they stay, and it is said", there: ["a1", "a4", "b4"],
            bytes: 5, needed: [4], leaving: ["a1"], excess: 15),
        Case(
            testDescription: "half a copy goes, and stands in no other's place", there: ["a2", "a3", "a4"],
            halves: ["a4"], leaving: ["a4"]),
        Case(
            testDescription: "half a copy of the generation in use stays", there: ["a3", "a4"], needed: [4],
            halves: ["a4"], leaving: []),
    ]

    @Test("the newest stay within both bounds, and always those that a rollback needs", arguments: cases)
    func table(item: Case) throws {
        let items = try item.there.map { name in
            let slot = try Self.slot(name)
            return SnapshotRetention.Item(
                slot: slot, bytes: 10, isNeeded: item.needed.contains(slot.generation),
                isWhole: !item.halves.contains(name))
        }
        var bounds = DeviceConfiguration.Snapshots()
        (bounds.keep, bounds.bytes) = (item.keep, item.bytes)
        for order in [items, items.reversed()] {
            let (leaving, excess) = SnapshotRetention(bounds: bounds).judge(order)
            #expect(leaving == (try item.leaving.map(Self.slot)))
            #expect(excess == item.excess)
        }
    }

    private static func slot(_ name: String) throws -> SnapshotSlot {
        SnapshotSlot(
            pack: try #require(PackID(String(name.prefix(1)))), generation: try #require(Int(name.dropFirst())))
    }
}
