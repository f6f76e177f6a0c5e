import AuroraModel
import AuroraSystem
import Synchronization
import Testing

@testable import AuroraAudit

struct EntryTests {
    @Test(
        "An entry too long for a bundle is cut behind its digest, never refused",
        arguments: ["details", "reason", "all"])
    func oversized(_ part: String) throws {
        try withLog { test throws in
            let long = String(repeating: "\u{1}é", count: 60_000)
            let entry = AuditEntry(
                time: Timestamp(milliseconds: 1),
                actor: Actor(name: part == "all" ? long : "eve", via: .session, address: part == "all" ? long : "::1"),
                action: "release.stage", subject: part == "all" ? long : "x",
                outcome: .refused(code: part == "all" ? long : "bad"), reason: part == "details" ? "why" : long,
                details: [("name", part == "reason" ? "" : long)])
            try test.log.record(entry)
            let stored = try #require(try test.log.entries(from: 0, limit: 1).first)
            #expect(stored.bytes.count <= 65_535)
            let decoded = try stored.decoded()
            #expect(decoded.details.contains(.init("cut_sha256", Digest(hashing: entry.bytes).hex)))
            #expect(decoded.details.contains(.init("cut_bytes", "\(entry.bytes.count)")))
        }
    }

    @Test("Prototype defect 30: n = 0 gives no line, a negative n is refused, n gives the last n")
    func lastLines() throws {
        try withLog { test throws in
            try test.fill(5)
            #expect(try test.log.last(0).isEmpty)
            #expect(try test.log.last(2).map { $0.contains("subject-3") || $0.contains("subject-4") } == [true, true])
            #expect(try test.log.last(2)[0].contains("subject-3"))
            #expect(try test.log.last(99).count == 5)
            #expect(try test.log.last(.max).count == 5)
            for count in [-1, Int.min] {
                #expect {
                    try test.log.last(count)
                } throws: {
                    ($0 as? Refusal)?.code == "bad_count"
                }
            }
        }
    }

    @Test("Prototype defect 30: line breaks and control characters in names forge no line")
    func noForgedLines() throws {
        try withLog { test throws in
            let evil = "a.tar\n1700000000 APPROVE everything\r\u{1b}[2J\u{2028}\u{85}\u{202e}"
            try test.log.record(
                AuditEntry(
                    time: Timestamp(milliseconds: 1), actor: Actor(name: evil, via: .session), action: "release.upload",
                    subject: evil, reason: evil))
            let lines = try test.log.last(10)
            #expect(lines.count == 1)
            #expect(lines.allSatisfy { $0.unicodeScalars.allSatisfy(\.isHarmlessInLine) })
            #expect(try test.log.entries(from: 0, limit: 1).first?.decoded().subject == evil)
        }
    }

    @Test("Refusals before login become one entry for each source and minute, with the count")
    func countedRefusals() throws {
        let time = Mutex<Int64>(60_000 * 1_000)
        let clock = WallClock { time.withLock { $0 } }
        try withLog(clock: clock) { test throws in
            for _ in 0..<500 { try test.log.recordRefusal(source: "192.0.2.7", code: "bad_token") }
            for _ in 0..<3 { try test.log.recordRefusal(source: "192.0.2.7", code: "bad_password") }
            try test.log.recordRefusal(source: "192.0.2.8", code: "bad_token")
            #expect(try test.log.size == 0)
            try test.log.flushRefusals()
            #expect(try test.log.size == 0)
            time.withLock { $0 += 60_000 }
            try test.log.recordRefusal(source: "192.0.2.8", code: "bad_token")
            let entries = try test.log.entries(from: 0, limit: 10).map { try $0.decoded() }
            #expect(entries.map(\.subject) == ["192.0.2.7", "192.0.2.8"])
            #expect(entries[0].outcome == .refused(code: "several"))
            #expect(entries[0].details.contains(.init("count", "503")))
            #expect(entries[0].details.contains(.init("code.bad_token", "500")))
            #expect(entries[1].outcome == .refused(code: "bad_token"))
            try test.log.flushRefusals(all: true)
            #expect(try test.log.size == 3)
            try test.log.flushRefusals(all: true)
            #expect(try test.log.size == 3)
        }
    }

    @Test("A kill within the minute loses at most the last second of counts")
    func countsSurvive() throws {
        let time = Mutex<Int64>(60_000 * 1_000)
        let clock = WallClock { time.withLock { $0 } }
        try withLog(clock: clock) { test throws in
            for _ in 0..<10 {
                for _ in 0..<10 { try test.log.recordRefusal(source: "192.0.2.7", code: "bad_token") }
                time.withLock { $0 += 1_000 }
            }
            // A new log on the same database stands for the hub after the kill.
            let next = try AuditLog(
                database: test.database, origin: origin, key: test.key, directory: test.published, clock: clock)
            try next.flushRefusals(all: true)
            let entry = try #require(try next.entries(from: 0, limit: 1).first).decoded()
            let count = try #require(entry.details.first { $0.name == "count" }.flatMap { Int($0.value) })
            #expect((91...100).contains(count))
        }
    }

    @Test("A flood from many addresses makes at most 1,001 entries a minute and loses no count")
    func manySources() throws {
        try withLog { test throws in
            for number in 0..<1_500 { try test.log.recordRefusal(source: "2001:db8::\(number)", code: "bad_token") }
            try test.log.flushRefusals(all: true)
            #expect(try test.log.size == 1_001)
            let entries = try test.log.entries(from: 0, limit: 1_000) + test.log.entries(from: 1_000, limit: 1_000)
            let others = try entries.map { try $0.decoded() }.filter { $0.subject == "others" }
            #expect(others.first?.details.contains(.init("count", "500")) == true)
        }
    }
}
