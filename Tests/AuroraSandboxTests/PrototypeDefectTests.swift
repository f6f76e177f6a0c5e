import AuroraArchive
import AuroraSystem
import Foundation
import HostileArchives
import Testing

@Suite("Defects of the prototype")
struct PrototypeDefectTests {
    @Test(
        "defect 24: climbing and absolute names, writes through links, pipes and set-id files are refused",
        arguments: [
            "a name that climbs out", "an absolute name", "a symbolic link out, then a write through it",
            "a hard link to an absolute path", "a hard link that climbs out", "a named pipe", "a set-user-id file",
        ])
    func defect24(_ name: String) throws {
        let hostile = try #require(HostileArchives.hostile.first { $0.name == name })
        let report = try UnpackChild().unpack(try hostile.make())
        #expect(report.refusal?.rule.rawValue == hostile.rule)
        #expect(report.changedOutside == [])
    }

    @Test("defect 25: 300 KB that unpack to 300 MiB are refused before 80 MiB are on the disk")
    func defect25() throws {
        let bytes = try Compression.zeros(300 << 20, through: "gzip -9")
        #expect(bytes.count < 320_000)
        let report = try UnpackChild().unpack(bytes)
        #expect(report.refusal?.rule == .ratio)
        let written = report.tree.values.compactMap { Int($0.split(separator: " ").last ?? "") }.reduce(0, +)
        #expect(written < 80 << 20)
    }

    @Test("defect 26: a cut archive is refused as a whole, naming the entry and the rule")
    func defect26() throws {
        var tar = TarBuilder()
        for index in 0..<25 { tar.file("file\(index)", String(repeating: "x", count: 1000)) }
        let report = try UnpackChild().unpack(Array(tar.bytes.dropLast(700)))
        let refusal = try #require(report.refusal)
        #expect(refusal.rule == .truncated)
        #expect(refusal.entry == "file24")
        #expect(report.result.outcome == .exited(UnpackChildProtocol.refusedExitCode))
    }
}
