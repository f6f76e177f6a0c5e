import AuroraApprovals
import AuroraAudit
import AuroraModel
import AuroraReleases
import AuroraSystem
import AuroraTestSupport
import Dispatch
import Foundation
import Synchronization
import Testing

/// What a killed hub had said yes to is there after it.
@Suite struct AcknowledgedTests {
    /// Runs in a process of its own: prints a line for each thing it was told is done, until another thread kills it.
    private static func acknowledgeUntilKilled(_ root: String) throws {
        let hub = try TestHub.start(root, .one(root))
        let suggestion = try hub.suggest(try hub.publish(["VERSION": "1"]))
        Standard.writeOutput("suggestion \(suggestion.id.text)\n")
        try hub.approve(suggestion)
        Standard.writeOutput("vote \(suggestion.id.text)\n")
        let enough = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            enough.wait()
            kill(getpid(), SIGKILL)
        }
        for number in 0..<400 {
            let artifact = try hub.releases.uploads.send(sample(5000, seed: UInt64(number) + 10), as: "f\(number)")
            Standard.writeOutput("artifact \(artifact.digest.hex)\n")
            if number == 20 { enough.signal() }
        }
    }

    @Test func `promise 5: what was acknowledged before SIGKILL is durable: uploads, votes and their log entries`()
        async throws
    {
        let root =
            NSTemporaryDirectory() + "aurora-acks-" + SecureRandom.bytes(6).map { String($0, radix: 16) }.joined()
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: false)
        defer { try? FileTree.remove(root) }
        let result = await #expect(processExitsWith: .signal(SIGKILL), observing: [\.standardOutputContent]) {
            [root = root as String] in
            try AcknowledgedTests.acknowledgeUntilKilled(root)
        }
        let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
        let acknowledged = output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
            .filter { $0.count == 2 }
        let hub = try TestHub.start(root, .one(root))
        let entries = try hub.audit.entries(from: 0, limit: 1000).map { try $0.decoded() }
        var counts: [String: Int] = [:]
        for line in acknowledged {
            guard ["artifact", "suggestion", "vote"].contains(line[0]) else { continue }
            counts[line[0], default: 0] += 1
            #expect(entries.contains { $0.subject.contains(line[1]) }, "no entry for \(line)")
            if line[0] == "artifact" {
                let digest = try #require(Digest(hex: line[1]))
                guard let blob = try hub.releases.blobs.open(digest) else {
                    Issue.record("the artifact \(line[1]) is gone")
                    continue
                }
                try blob.verify()
            } else {
                let id = try #require(SuggestionID(line[1]))
                #expect(try hub.approvals.get(id).requestedBy.text == "ci")
                if line[0] == "vote" {
                    #expect(try hub.approvals.votes(on: id).map(\.user.text) == ["maria"])
                    #expect(entries.contains { $0.action == "suggestion.approve" })
                }
            }
        }
        #expect(counts["vote"] == 1 && counts["suggestion"] == 1)
        #expect(counts["artifact", default: 0] >= 21)
    }
}
