import AuroraApprovals
import AuroraModel
import Synchronization
import Testing

@Suite("Changes")
struct ChangeStoreTests {
    @Test("a change is made, moves through its tasks, ends once, and every step is an event")
    func life() throws {
        try Desk.with { desk in
            let store = ChangeStore(database: desk.database, clock: desk.clock.wall)
            let seen = Mutex<[Int64]>([])
            let subscription = store.subscribe { event in seen.withLock { $0.append(event.number) } }
            let change = store.new(
                .promote, subject: "gateway", actor: "alice", reason: "because", tasks: ["prepare", "switch"])
            try store.create(change)
            #expect(try store.get(change.id) == change)
            desk.clock.advance(seconds: 1)
            let running = try store.update(change.id) { change in
                change.state = .running
                change.tasks[0].state = .running
            }
            #expect(running.started == desk.clock.now)
            try store.update(change.id, event: "progress") { $0.progress = Change.Progress(done: 5, total: 10) }
            #expect(try store.unfinished().map(\.id) == [change.id])
            desk.clock.advance(seconds: 1)
            let done = try store.finish(change.id, .done, result: ["generation": 2])
            #expect(done.finished == desk.clock.now)
            #expect(try store.get(change.id) == done)
            #expect(try store.unfinished().isEmpty)
            #expect(code { try store.update(change.id) { $0.state = .running } } == "change_finished")
            let events = try store.events(of: change.id)
            #expect(events.map(\.kind) == ["state", "state", "progress", "state"])
            #expect(events.last?.data["result"]?["generation"] == 2)
            #expect(try store.events(after: events[1].number).map(\.number) == events[2...].map(\.number))
            #expect(seen.withLock { $0 } == events.map(\.number))
            store.unsubscribe(subscription)
            try store.create(store.new(.stage, subject: "x", actor: "ci", reason: ""))
            #expect(seen.withLock { $0.count } == 4)
        }
    }

    @Test("a failure keeps its code and words; lists page without gap")
    func failuresAndLists() throws {
        try Desk.with { desk in
            let store = ChangeStore(database: desk.database, clock: desk.clock.wall)
            var ids: [ChangeID] = []
            for _ in 0..<5 {
                let change = store.new(.trial, subject: "x", actor: "ci", reason: "")
                try store.create(change)
                ids.append(change.id)
            }
            let failed = try store.finish(ids[0], .failed, error: Refusal(.conflict, code: "disk_full", "no space"))
            #expect(failed.errorCode == "disk_full")
            #expect(try store.get(ids[0]).json["error"]?["code"] == "disk_full")
            var seen: [ChangeID] = []
            var cursor: String?
            repeat {
                let page = try store.list(cursor: cursor, limit: 2)
                seen += page.items.map(\.id)
                cursor = page.next
            } while cursor != nil
            #expect(Set(seen) == Set(ids))
            #expect(seen.count == 5)
            #expect(code { try store.get(Desk.change()) } == "unknown_change")
        }
    }
}
