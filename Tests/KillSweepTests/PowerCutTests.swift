import AuroraSystem
import Foundation
import Testing

/// I-2, I-8: every state a disk can be in after a power cut, by replaying the writes it had logged.
///
/// Tests/PowerCut/replay.py does the work. Serialized: each run mounts, and shares the processors with the sweep.
@Suite("Power-cut sweep", .serialized) struct PowerCutTests {
    struct Workload: CustomTestStringConvertible, Sendable {
        let name: String
        let setup: String
        let run: String
        let check: String
        /// Crash states in CI; everything takes five times as many.
        let states: Int
        var testDescription: String { name }
    }

    private static let workloads: [Workload] =
        ["link", "directory"].flatMap { kind in
            [
                Workload(
                    name: "promote twice, kind \(kind)", setup: "setup {dir} \(kind) 1",
                    run: "promote {dir} \(kind) 2 3",
                    check: "check {dir} \(kind) 1 3 {acked}", states: 60),
                Workload(
                    name: "rollback, kind \(kind)", setup: "setup {dir} \(kind) 2", run: "rollback {dir} \(kind)",
                    check: "check-rollback {dir} \(kind) {acked}", states: 40),
            ]
        } + [
            Workload(
                name: "audit append", setup: "audit-setup {dir}", run: "audit-append {dir} 1 6",
                check: "audit-check {dir} {acked}", states: 50)
        ]

    @Test("I-2, I-8: old or new, and nothing acknowledged is lost, in every crash state", arguments: workloads)
    func replay(workload: Workload) throws {
        let (status, said) = try Self.replay(workload)
        #expect(status == 0, "\(said)")
    }

    @Test("a rename without fsync is found, or the replay would be blind")
    func knownBadTwin() throws {
        let (status, said) = try Self.replay(
            Workload(
                name: "rename without fsync", setup: "bad-rename {dir} link 0 0", run: "bad-rename {dir} link 1 3",
                check: "look-file {dir} link 0 3 {acked}", states: 30))
        #expect(status == 1, "\(said)")
        #expect(said.contains("the file holds 0 bytes"))
    }

    /// Runs one replay; cancels the test, with the reason, on a machine that cannot.
    private static func replay(_ workload: Workload) throws -> (status: Int32, said: String) {
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "PowerCut/replay.py").path
        let driver = try Harness.driver()
        let states = Harness.isComplete ? workload.states * 5 : workload.states
        let result = try Processes.run(
            ProcessSpec(
                executable: "/usr/bin/unshare",
                arguments: [
                    // Mounts of its own: a sandbox that another test opens would hold on to a copy of them, and the disk
                    // of one state would still be written to while the next one is laid out.
                    "--mount", "/usr/bin/python3", script, "--setup", "\(driver) \(workload.setup)", "--run",
                    "\(driver) \(workload.run)", "--check", "\(driver) \(workload.check)",
                    "--states", "\(states)",
                ],
                environment: [
                    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                    "PYTHONDONTWRITEBYTECODE": "1",
                ],
                timeout: .seconds(600), killGrace: .seconds(10)))
        let said = String(decoding: result.output + result.errorOutput, as: UTF8.self)
        if result.outcome == .exited(77) { try Test.cancel("\(said)") }
        guard case .exited(let status) = result.outcome else {
            throw HarnessError(text: "replay ended with \(result.outcome): \(said)")
        }
        return (status, said)
    }
}
