import AuroraSystem
import AuroraTestSupport
import Testing

@testable import AuroraRuntime

@Suite("Time zones")
struct ZoneTests {
    /// Prints the offset of each zone at each moment, as Python's own reader of the same files sees it.
    private static let peer = """
        import sys, zoneinfo
        from datetime import datetime, timedelta, timezone
        epoch = datetime(1970, 1, 1, tzinfo=timezone.utc)
        moments = [int(word) for word in sys.argv[1].split(",")]
        for name in sys.stdin.read().split():
            zone = zoneinfo.ZoneInfo(name)
            offsets = [(epoch + timedelta(seconds=m)).astimezone(zone).utcoffset() for m in moments]
            print(name, ",".join(str(int(o.total_seconds())) for o in offsets))
        """

    @Test("every zone of the system has the offsets that Python's zoneinfo has, from 1910 to 2199")
    func everyZoneAgrees() throws {
        let names = try zoneNames()
        try #require(names.count > 300)
        var generator = RepeatableNumbers(seed: 0x20_2607)
        let moments = (0..<180).map { _ in Int64.random(in: -1_893_456_000...7_258_118_400, using: &generator) }
        let answer = try python(names, moments)
        for line in answer.split(separator: "\n") {
            let halves = line.split(separator: " ")
            let zone = try Zone.named(String(halves[0]))
            let expected = halves[1].split(separator: ",").compactMap { Int64($0) }
            let found = moments.map(zone.offset(at:))
            let wrong = zip(moments, zip(found, expected)).first { $0.1.0 != $0.1.1 }
            #expect(wrong == nil, "\(zone.name) at \(String(describing: wrong))")
        }
    }

    @Test(
        "the seconds before and after each change agree too, decades after the last one that the file lists",
        arguments: [
            "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Nuuk", "Africa/Casablanca",
            "Pacific/Apia", "Asia/Gaza", "America/Sao_Paulo", "Europe/Dublin", "Antarctica/Troll", "Asia/Kathmandu",
        ])
    func changesAgree(_ name: String) throws {
        let zone = try Zone.named(name)
        var moments: [Int64] = []
        var moment: Int64 = 946_684_800
        while moments.count < 400, let end = zone.segment(at: moment).end, end.moment < 4_000_000_000 {
            moments += [end.moment - 1, end.moment]
            moment = end.moment
        }
        moments += stride(from: Int64(2_145_916_800), to: 4_000_000_000, by: 15 * 86400 + 3601)
        let answer = try python([name], moments)
        let expected = try #require(answer.split(separator: " ").last).split(separator: ",")
        #expect(moments.map { "\(zone.offset(at: $0))" } == expected.map { "\($0.filter { !$0.isWhitespace })" })
    }

    @Test("a segment is the same from each of its moments")
    func segments() throws {
        let zone = try Zone.named("Europe/Berlin")
        let summer = zone.segment(at: 1_782_000_000)
        #expect(summer.offset == 7200)
        #expect(summer.begin?.moment == 1_774_746_000 && summer.begin?.previousOffset == 3600)
        #expect(summer.end?.moment == 1_792_890_000 && summer.end?.nextOffset == 3600)
        #expect(zone.segment(at: 1_774_746_000).begin?.moment == 1_774_746_000)
        #expect(zone.segment(at: 1_774_745_999).end?.moment == 1_774_746_000)
    }

    @Test(
        "a name that is no zone is refused",
        arguments: [
            "", "/etc/passwd", "../../etc/passwd", "Europe/../../etc/passwd", "Europe", "No/Where", "a\0b", ".",
        ])
    func badNames(_ name: String) {
        #expect { try Zone.named(name) } throws: { error in
            if case .badZone = error as? SchedulerError { true } else { false }
        }
    }

    @Test("UTC needs no file")
    func universal() throws {
        #expect(try Zone.named("UTC", in: "/nowhere") == .utc)
        #expect(Zone.utc.offset(at: 0) == 0)
    }

    @Test("damaged files are refused or read, never trapped over")
    func damagedFiles() throws {
        let good = try Descriptor.open("/usr/share/zoneinfo/Europe/Berlin", .readOnly).readAll()
        var generator = RepeatableNumbers(seed: 7)
        for length in 0..<min(good.count, 600) {
            #expect(throws: ZoneFile.Damage.self) { try Zone(name: "x", bytes: Array(good.prefix(length))) }
        }
        for _ in 0..<5000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            guard let zone = try? Zone(name: "x", bytes: bytes) else { continue }
            for moment in [Int64(-4_000_000_000), 0, 1_782_000_000, 9_000_000_000] { _ = zone.segment(at: moment) }
        }
    }

    @Test(
        "rules at the end of a file that break the grammar are refused",
        arguments: [
            "C", "CET", "CET-25", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
            "CET-1CEST,M3.6.0,M10.5.0",
            "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,J0,J365", "CET-1CEST,366,1", "CET-1CEST,M3.5.0/168,M10.5.0",
            "<CET-1", "CET-1CEST,M3.5.0,M10.5.0 ", "CET-1:60",
        ])
    func badRules(_ text: String) {
        #expect(ZoneRule(Array(text.utf8)) == nil)
    }

    private func zoneNames() throws -> [String] {
        try readText("/usr/share/zoneinfo/tzdata.zi").split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count >= 2, words[0] == "Z" || words[0] == "L" else { return nil }
            let name = String(words[0] == "Z" ? words[1] : words[words.count - 1])
            return name.contains("/") && !name.hasPrefix("Etc/") ? name : nil
        }
    }

    private func python(_ names: [String], _ moments: [Int64]) throws -> String {
        let list = moments.map(String.init).joined(separator: ",")
        let result = try Processes.run(
            ProcessSpec(
                executable: "/usr/bin/python3", arguments: ["-c", Self.peer, list],
                stdin: .bytes(Array(names.joined(separator: "\n").utf8)), outputLimit: 8 << 20))
        try #require(result.isSuccess, "\(String(decoding: result.errorOutput, as: UTF8.self))")
        return String(decoding: result.output, as: UTF8.self)
    }
}
