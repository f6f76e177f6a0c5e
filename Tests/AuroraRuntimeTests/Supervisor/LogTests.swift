import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Synchronization
import Testing

@testable import AuroraRuntime

@Suite struct LogTests {
    /// A clock that a test moves.
    final class HandClock: Sendable {
        let moment = Mutex(Duration.seconds(1000))
        var clock: SupervisorClock {
            SupervisorClock(now: { self.moment.withLock { $0 } }, wall: .fixed(1_800_000_000_000))
        }
        func pass(_ duration: Duration) { moment.withLock { $0 += duration } }
    }

    private func written(
        in folder: String, _ limits: LogLimits = LogLimits(), clock: SupervisorClock = .system,
        _ body: (ServiceLog) -> Void
    ) throws -> [LogLine] {
        let writer = try LogWriter(folder: folder, limits: limits, clock: clock)
        body(writer.log(of: "demo"))
        writer.end()
        return try writer.reader(of: "demo").tail(10_000).lines
    }

    @Test("a writer without a thread is refused")
    func noThread() throws {
        #expect(throws: SystemError.noThread(for: "pack-logs")) {
            // More stack than there is room for in any machine's address space.
            _ = try LogWriter(folder: "/", stackSize: 1 << 60)
        }
    }

    @Test func bytesBecomeLinesHoweverTheyAreCutUp() throws {
        try withTemporaryDirectory { folder in
            let lines = try written(in: folder) { log in
                log.begin(attempt: 3)
                log.receive(Array("one\ntw".utf8), from: .output)
                log.receive(Array("bad \n".utf8), from: .error)
                log.receive(Array("o\n\nlast".utf8), from: .output)
                log.flush()
            }
            #expect(lines.map(\.text) == ["one", "bad ", "two", "", "last"])
            #expect(lines.map(\.source) == [.output, .error, .output, .output, .output])
            #expect(Set(lines.map(\.attempt)) == [3])
        }
    }

    @Test func bytesThatAreNotTextAreShownAndLongLinesAreCut() throws {
        try withTemporaryDirectory { folder in
            var limits = LogLimits()
            limits.lineBytes = 10
            let lines = try written(in: folder, limits) { log in
                log.receive([0xFF, 0x41, 10] + Array("0123456789abc\n".utf8), from: .output)
            }
            #expect(lines.map(\.text) == ["\u{FFFD}A", "0123456789", "abc"])
            #expect(lines.map(\.isCut) == [false, true, false])
        }
    }

    @Test func theRingKeepsTheNewestFilesAndTheTailReadsAcrossThem() throws {
        try withTemporaryDirectory { folder in
            var limits = LogLimits()
            limits.fileBytes = 2000
            limits.files = 3
            let lines = try written(in: folder, limits) { log in
                for number in 0..<200 { log.receive(Array("line \(number)\n".utf8), from: .output) }
            }
            let files = try DirectoryNames.read(in: LogWriter.ring(folder, "demo")).count
            #expect(files == 3)
            #expect(lines.last?.text == "line 199")
            let numbers = lines.compactMap { Int($0.text.dropFirst(5)) }
            #expect(numbers == Array((200 - numbers.count)..<200) && numbers.count > 20 && numbers.count < 60)
        }
    }

    @Test func theOutputIsKeptWhenTheServiceIsReplacedOrTheSupervisorStartsAgain() throws {
        try withTemporaryDirectory { folder in
            _ = try written(in: folder) { $0.receive(Array("before\n".utf8), from: .output) }
            let lines = try written(in: folder) { $0.receive(Array("after\n".utf8), from: .output) }
            #expect(lines.map(\.text) == ["before", "after"])
        }
    }

    @Test func aLineThatAKillToreIsNotShownAndDoesNotSpoilTheNext() throws {
        try withTemporaryDirectory { folder in
            _ = try written(in: folder) { $0.receive(Array("whole\n".utf8), from: .output) }
            let file = "\(LogWriter.ring(folder, "demo"))/1.jsonl"
            try Descriptor.open(file, [.writeOnly, .append]).write(all: Array("{\"time\":\"2026-01".utf8))
            let reader = LogReader(folder: LogWriter.ring(folder, "demo"))
            #expect(try reader.tail(10).lines.map(\.text) == ["whole"])
            let lines = try written(in: folder) { $0.receive(Array("next\n".utf8), from: .output) }
            #expect(lines.map(\.text) == ["whole", "next"])
        }
    }

    @Test func aFollowerSeesEveryLineOnceAcrossTheTurnOfTheRing() throws {
        try withTemporaryDirectory { folder in
            var limits = LogLimits()
            limits.fileBytes = 1000
            let writer = try LogWriter(folder: folder, limits: limits)
            defer { writer.end() }
            let log = writer.log(of: "demo")
            var position = try writer.reader(of: "demo").tail(0).next
            var seen: [String] = []
            var round: UInt64 = 0
            for number in 0..<40 {
                log.receive(Array("\(number)\n".utf8), from: .output)
                while seen.count <= number {
                    round = writer.waitForMore(after: round, timeout: .seconds(10))
                    let more = try writer.reader(of: "demo").read(from: position)
                    seen += more.lines.map(\.text)
                    position = more.next
                }
            }
            #expect(seen == (0..<40).map(String.init))
        }
    }

    @Test func aFloodIsCountedAndDroppedAndTheNextLineSaysSo() throws {
        try withTemporaryDirectory { folder in
            var limits = LogLimits()
            limits.burstBytes = 100
            limits.bytesPerSecond = 50
            let hand = HandClock()
            let lines = try written(in: folder, limits, clock: hand.clock) { log in
                log.receive([UInt8](repeating: 0x61, count: 99) + [10], from: .output)
                log.receive([UInt8](repeating: 0x62, count: 1000), from: .output)
                hand.pass(.seconds(2))
                log.receive(Array("later\n".utf8), from: .output)
                #expect(log.droppedBytes == 1000)
            }
            #expect(lines.map(\.dropped) == [0, 1000])
            #expect(lines.last?.text == "later")
        }
    }

    @Test("events that wait for a stuck disk are bounded like output, and cost it no room")
    func eventsAreBounded() throws {
        var limits = LogLimits()
        limits.queueBytes = 10_000
        limits.crashBytes = 1000
        let log = ServiceLog(id: "demo", limits: limits, clock: HandClock().clock) { _ in }
        log.receive([UInt8](repeating: 0x61, count: 999) + [10], from: .output)
        for number in 0..<1000 {
            log.remark("the stop command failed \(number)")
            log.keepCrash(.signalled(11))
        }
        log.receive(Array("still heard\n".utf8), from: .output)
        let entries = log.take()
        #expect(entries.reduce(0) { $0 + $1.byteCount } <= 2 * limits.queueBytes)
        let isCrashKept = entries.contains { if case .crash = $0 { true } else { false } }
        #expect(isCrashKept)
        guard case .line(_, let bytes, _, _, let dropped) = try #require(entries.last) else {
            Issue.record("the last entry is not the output")
            return
        }
        #expect(bytes == Array("still heard".utf8) && dropped > 0 && dropped == log.droppedBytes)
        log.remark("heard again")
        #expect(log.take().count == 1)
    }

    @Test func outputThatCannotBeWrittenHoldsNobodyUpAndIsNamed() throws {
        try withTemporaryDirectory { folder in
            try write("a file", to: "\(folder)/demo")
            let writer = try LogWriter(folder: folder)
            writer.log(of: "demo").receive(Array("one\n".utf8), from: .output)
            _ = writer.waitForMore(after: 0, timeout: .seconds(10))
            #expect(writer.trouble(of: "demo")?.contains("cannot be written") == true)
            writer.end()
        }
    }

    @Test func aCrashRecordHoldsTheEndOfTheOutputAndOnlyTheNewestAreKept() throws {
        try withTemporaryDirectory { folder in
            var limits = LogLimits()
            limits.crashes = 3
            _ = try written(in: folder, limits) { log in
                for attempt in 1...5 {
                    log.begin(attempt: attempt)
                    log.receive(
                        [UInt8](repeating: 0x78, count: 100_000) + Array("the end \(attempt)".utf8), from: .error)
                    log.keepCrash(.signalled(11))
                }
            }
            let names = try DirectoryNames.read(in: "\(folder)/demo/crashes").compactMap(\.text)
            #expect(names.count == 3)
            let newest = try #require(names.first { $0.hasSuffix("-5.json") })
            let record = try JSONParser.parse(try readText("\(folder)/demo/crashes/\(newest)"))
            #expect(record["cause"]?.string == "signalled" && record["attempt"]?.integer == 5)
            let output = try #require(record["output"]?.string)
            #expect(output.utf8.count == 64 << 10 && output.hasSuffix("the end 5"))
        }
    }
}
