import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Testing

@testable import AuroraPacks

@Suite struct StatusBoardTests {
    @Test("many events are told one by one and written together, the last ones at the end")
    func together() throws {
        try withTemporaryDirectory { folder in
            let written = Monitor<[String: [[UInt8]]]>([:])
            let told = Monitor<[CoreEvent]>([])
            var settings = StatusBoard.Settings()
            settings.interval = .seconds(3600)
            settings.write = { path, bytes in
                written.change(wakingAll: true) { $0[String(path.dropFirst(folder.count + 1)), default: []] += [bytes] }
            }
            let board = try StatusBoard(folder: folder, facts: .null, settings: settings) { event in
                told.change(wakingAll: true) { $0.append(event) }
            }
            board.begin { [] }
            let events = (0..<220).map { CoreEvent.note("event \($0)") }
            for event in events {
                board.post(event)
                // One after the other, so that none waits together with the next.
                #expect(told.wait(timeout: .seconds(20)) { $0.last == event ? true : nil } == true)
            }
            board.end()
            let files = written.withLock { $0 }
            #expect(Set(files.keys) == ["packs.json", "events.jsonl"])
            #expect(files.values.allSatisfy { $0.count <= 2 }, "\(files.mapValues(\.count))")
            let lines = String(decoding: files["events.jsonl"]?.last ?? [], as: UTF8.self).split(separator: "\n")
            #expect(lines.count == 220 && lines.last?.contains("event 219") == true)
            #expect(told.withLock { $0 } == events)
        }
    }

    @Test("an event that came too soon after a write is written when the time has come, without another one")
    func later() throws {
        try withTemporaryDirectory { folder in
            let lines = Monitor(0)
            var settings = StatusBoard.Settings()
            settings.interval = .milliseconds(20)
            settings.write = { path, bytes in
                guard path.hasSuffix(".jsonl") else { return }
                lines.change(wakingAll: true) { $0 = bytes.count { $0 == 10 } }
            }
            let board = try StatusBoard(folder: folder, facts: .null, settings: settings) { _ in }
            board.begin { [] }
            for number in 1...3 {
                board.post(.note("event"))
                #expect(lines.wait(timeout: .seconds(20)) { $0 == number ? true : nil } == true)
            }
            board.end()
        }
    }

    @Test("a board without a thread says so")
    func noThread() throws {
        try withTemporaryDirectory { folder in
            let told = Monitor<[CoreEvent]>([])
            var settings = StatusBoard.Settings()
            // More than there is room for in any machine's address space.
            settings.stackSize = 1 << 60
            let board = try StatusBoard(folder: folder, facts: .null, settings: settings) { event in
                told.withLock { $0.append(event) }
            }
            board.begin { [] }
            board.end()
            #expect(told.withLock { $0 } == [.trouble("\(SystemError.noThread(for: "core-board"))")])
        }
    }
}
