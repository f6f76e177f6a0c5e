import AuroraArchive
import AuroraSandbox
import AuroraSystem
import HostileArchives
import Testing

@Suite("Hostile archives through the real child")
struct HostileArchiveTests {
    /// I-22: refused by the right rule, nothing outside, memory under 256 MiB of address space, within 10 s.
    @Test("is refused by its rule and touches nothing outside", arguments: HostileArchives.hostile)
    func hostile(_ hostile: ArchiveCase) throws {
        var child = try UnpackChild()
        child.memoryBytes = 256 << 20
        let report = try child.unpack(try hostile.make(), limits: limits(hostile))
        #expect(report.result.outcome == .exited(UnpackChildProtocol.refusedExitCode))
        let refusal = try #require(
            report.refusal, "no refusal: \(String(decoding: report.result.output, as: UTF8.self))")
        #expect(refusal.rule.rawValue == hostile.rule, "\(refusal)")
        #expect(!refusal.detail.isEmpty)
        #expect(report.changedOutside == [])
        #expect(report.seconds < 10)
    }

    @Test("is accepted", arguments: HostileArchives.controls)
    func control(_ control: ArchiveCase) throws {
        let report = try UnpackChild().unpack(try control.make(), limits: limits(control))
        guard case .unpacked(let summary) = report.outcome else {
            Issue.record(
                "refused: \(String(decoding: report.result.output + report.result.errorOutput, as: UTF8.self))")
            return
        }
        #expect(report.result.isSuccess)
        #expect(summary.entries > 0)
        #expect(report.changedOutside == [])
        for (path, kind) in report.tree where !kind.hasPrefix("->") {
            #expect(["100644", "100755", "40755"].contains { kind.hasPrefix($0) }, "\(path): \(kind)")
        }
    }

    @Test("there are at least 60 hostile cases and 15 controls, and each name stands once")
    func enough() {
        let hostile = HostileArchives.hostile
        let controls = HostileArchives.controls
        #expect(hostile.count >= 60)
        #expect(controls.count >= 15)
        #expect(Set((hostile + controls).map(\.name)).count == hostile.count + controls.count)
    }

    @Test("every rule about archives has a case that breaks it")
    func everyRule() {
        let covered = Set(HostileArchives.hostile.compactMap(\.rule))
        for rule in ArchiveRule.allCases where !rule.isMachineFault {
            // The two views differ only when one of the readers is wrong; no archive is known that brings it about.
            #expect(covered.contains(rule.rawValue) || rule == .viewsDisagree, "\(rule.rawValue)")
        }
    }

    private func limits(_ archive: ArchiveCase) -> ArchiveLimits {
        archive.limits.map { ArchiveLimits(unpackedBytes: $0.bytes, entries: $0.entries) } ?? ArchiveLimits()
    }
}
