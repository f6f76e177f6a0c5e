import AuroraModel
import AuroraSystem
import AuroraTestSupport
import Testing

@testable import AuroraActivation

@Suite struct JournalTests {
    private static let records: [JournalRecord] = [
        .adopting(form: .directory, identity: TreeIdentity(inode: .max, born: -3)), .switched,
        .rollback(reason: "line\nbreak \u{1F600}"), .collected([1, 2, 3]), .commit(time: 7),
    ]

    /// A journal with the sample records, and where each of them starts.
    private func sample(_ path: String) throws -> (bytes: [UInt8], starts: [Int]) {
        var contents = Journal.Contents()
        let journal = try Journal(path: path, target: "t", contents: &contents)
        var starts: [Int] = []
        for record in Self.records {
            starts.append(Int(journal.byteCount))
            try journal.append(record.payload)
        }
        return (try DurableFile.read(path), starts)
    }

    private func open(_ path: String, _ bytes: [UInt8]) throws -> Journal.Contents {
        try DurableFile.replace(path, contents: bytes)
        var contents = Journal.Contents()
        _ = try Journal(path: path, target: "t", contents: &contents)
        return contents
    }

    @Test("every record says the same after it was written and read")
    func roundTrip() throws {
        try withTemporaryDirectory { folder in
            let (bytes, _) = try sample("\(folder)/log")
            let contents = try open("\(folder)/log", bytes)
            #expect(try contents.payloads.map(JournalRecord.init(payload:)) == Self.records)
            #expect(contents.droppedBytes == 0)
        }
    }

    @Test("I-1: a journal torn at any byte keeps every whole record and drops the rest")
    func torn() throws {
        try withTemporaryDirectory { folder in
            let (bytes, starts) = try sample("\(folder)/log")
            let header = JournalFrame.fileHeader.count
            for cut in header..<bytes.count {
                let contents = try open("\(folder)/cut", Array(bytes[..<cut]))
                let ends = starts.dropFirst() + [bytes.count]
                let whole = ends.filter { $0 <= cut }
                #expect(contents.payloads.count == whole.count, "cut at \(cut)")
                #expect(contents.droppedBytes == cut - (whole.last ?? header), "cut at \(cut)")
                #expect(try DurableFile.read("\(folder)/cut").count == whole.last ?? header)
            }
        }
    }

    @Test("a torn tail of zeros or of rubbish is dropped, and the journal goes on behind it")
    func rubbishTail() throws {
        try withTemporaryDirectory { folder in
            let (bytes, _) = try sample("\(folder)/log")
            for tail in [[UInt8](repeating: 0, count: 4096), Array("AJR1 rubbish".utf8), [0x41]] {
                let contents = try open("\(folder)/log", bytes + tail)
                #expect(contents.payloads.count == Self.records.count)
                #expect(contents.droppedBytes == tail.count)
                var again = Journal.Contents()
                let journal = try Journal(path: "\(folder)/log", target: "t", contents: &again)
                try journal.append(JournalRecord.switched.payload)
                let read = try open("\(folder)/log", DurableFile.read("\(folder)/log"))
                #expect(read.payloads.count == Self.records.count + 1)
            }
        }
    }

    @Test("a changed byte anywhere before the last record is refused, with its place")
    func damagedMiddle() throws {
        try withTemporaryDirectory { folder in
            let (bytes, starts) = try sample("\(folder)/log")
            for index in 0..<starts[starts.count - 1] {
                var damaged = bytes
                damaged[index] ^= 0x10
                #expect(code { _ = try open("\(folder)/bad", damaged) } == .journalDamaged, "byte \(index)")
                #expect(try DurableFile.read("\(folder)/bad") == damaged, "a refused journal is left as it is")
            }
        }
    }

    @Test("a record cut out of the middle is refused")
    func missingRecord() throws {
        try withTemporaryDirectory { folder in
            let (bytes, starts) = try sample("\(folder)/log")
            let cut = Array(bytes[..<starts[1]] + bytes[starts[2]...])
            #expect(code { _ = try open("\(folder)/cut", cut) } == .journalDamaged)
        }
    }

    @Test("a record of a newer version is refused, not guessed")
    func unknownRecord() throws {
        #expect(throws: (any Error).self) { try JournalRecord(payload: Array(#"{"record":"teleport"}"#.utf8)) }
        #expect(throws: (any Error).self) { try JournalRecord(payload: Array(#"{"record":"switched","x":1}"#.utf8)) }
    }

    @Test("the checksum is CRC-32C")
    func checksum() {
        // RFC 3720, appendix B.4.
        #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xE306_9283)
    }

    @Test(
        "I-1: a commit torn at any byte is gated again; an intent torn at any byte never happened",
        arguments: TargetKind.allCases)
    func tornInTheEngine(kind: TargetKind) throws {
        try withTarget(kind, existing: ["v": "0"]) { target in
            var engine: ActivationEngine? = try target.open()
            let number = try #require(try engine.map { try target.prepare(["v": "1"], $0).number })
            let log = "\(target.root)/journal/log"
            let prepared = try DurableFile.read(log)
            try engine?.activate(number)
            engine = nil
            let full = try DurableFile.read(log)
            var records: [Int] = [prepared.count]
            while let record = JournalFrame.decode(full, at: records[records.count - 1]) { records.append(record.end) }
            #expect(records.count == 3)  // intent, commit and the end
            for cut in stride(from: records[1], to: full.count, by: 7) {
                try DurableFile.replace(log, contents: Array(full[..<cut]))
                let again = try ActivationEngine(target: target.path, kind: kind)
                let report = try again.recover(apply: {}, health: { .healthy })
                #expect(report.outcome?.result == .committed)
                #expect(again.active?.number == number)
            }
        }
    }

    @Test("a long journal is replaced by one record that says the same", arguments: TargetKind.allCases)
    func compaction(kind: TargetKind) throws {
        try withTarget(kind) { target in
            var engine: ActivationEngine? = try target.open()
            try engine.map { _ = try target.promote(["v": "1"], $0) }
            let long = String(repeating: "long words ", count: 100)
            for _ in 0..<40 {
                _ = try engine?.rollback(reason: long, apply: {}, health: { .healthy })
                let digest = try #require(engine?.blocked().first?.tree)
                try engine?.clearBlock(digest)
                try engine?.activate(1)
            }
            let before = try #require(engine?.state)
            engine = nil
            #expect(try FileStatus.of("\(target.root)/journal/log").size > 64 << 10)
            let again = try target.open()
            #expect(try FileStatus.of("\(target.root)/journal/log").size < 4 << 10)
            #expect(again.state == before)
            try again.rollback()
            #expect(try target.content() == nil)
        }
    }
}
