import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

@Suite("The demo")
struct DemoTests {
    private static var surroundings: [String: String] {
        let own = ProcessInfo.processInfo.environment
        return ["PATH": own["PATH"] ?? "/usr/bin:/bin", "HOME": own["HOME"] ?? "/root"]
    }

    @Test("every act ends as it must, and nothing is left behind", .timeLimit(.minutes(5)))
    func once() throws {
        try withTemporaryDirectory { folder in
            let result = try Processes.run(
                ProcessSpec(
                    executable: Programs.aurora, arguments: ["demo", "--once", "--kills", "3"],
                    environment: Self.surroundings.merging(["TMPDIR": folder]) { $1 }, outputLimit: 1 << 20,
                    timeout: .seconds(240)))
            let ran = Ran(result)
            #expect(ran.code == 0, "\(ran)")
            for words in [
                "DEMO, keys are throw-away", "release_file_mismatch", "unsigned:", "approval_required", "approval_used",
                "self_approval", "digest_blocked",
                "whole 3/3", "rolled back by itself", "entries verified offline", "both packs are healthy",
                "pack-status is READY", "taken back by itself", "the device's own log, verified",
            ] {
                #expect(ran.output.contains(words), "the demo does not show: \(words)")
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        }
    }

    @Test("Ctrl-C ends it with 130, its processes and its folder", .timeLimit(.minutes(6)))
    func interrupted() throws {
        try withTemporaryDirectory { folder in
            let output = try Descriptor.open(folder + "/out", [.writeOnly, .create])
            let temporary = folder + "/tmp"
            try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
            let demo = try ChildProcess.start(
                ProcessSpec(
                    executable: Programs.aurora, arguments: ["demo"],
                    environment: Self.surroundings.merging(["TMPDIR": temporary]) { $1 }),
                output: .descriptor(output.rawValue), errorOutput: .descriptor(output.rawValue))
            while !((try? readText(folder + "/out")) ?? "").contains("the hub answers") {
                if let early = try demo.wait(timeout: .milliseconds(50)) {
                    Issue.record("the demo ended with \(early): \(try readText(folder + "/out"))")
                    return
                }
            }
            demo.send(SIGINT)
            #expect(try demo.wait(timeout: .seconds(180)) == .exited(130))
            #expect(try FileManager.default.contentsOfDirectory(atPath: temporary).isEmpty)
        }
    }
}
