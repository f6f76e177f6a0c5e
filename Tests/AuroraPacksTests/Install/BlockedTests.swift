import AuroraModel
import Testing

@testable import AuroraPacks

/// What is said of versions that failed on a device and are asked for again.
@Suite("packs that failed here, asked for again")
struct BlockedTests {
    /// Plans a wish and gives the refusal.
    private func refusal(_ bench: TestBench, _ id: String, _ range: String?) throws -> Refusal {
        let wish = PackRequest.Wish.version(try #require(PackID(id)), try range.map { try VersionRange($0) })
        return try #require(throws: Refusal.self) { try bench.use { _ = try $0.plan(.change([wish])) } }
    }

    /// Stages versions of a pack, the first one active, and has some of them fail; gives their trees.
    private func with(
        _ versions: [String], failing: [String: String], _ body: (TestBench, [String: Digest]) throws -> Void
    ) throws {
        try withBench { bench in
            var trees: [String: Digest] = [:]
            for version in versions {
                trees[version] = try bench.stage(SamplePack(id: "clock", version: version))[0].tree
                if let reason = failing[version] { bench.services.makeIll("clock \(version)", reason) }
                if version == versions.first || failing[version] != nil { try bench.install("clock") }
            }
            try body(bench, trees)
        }
    }

    @Test("the version that was asked for and failed is named with its own reason, whatever else is there")
    func asked() throws {
        try with(["2.0.4", "3.1.0", "3.0.0"], failing: ["3.1.0": "no answer."]) { bench, trees in
            let tree = try #require(trees["3.1.0"]).hex
            for range in ["3.1.0", "=3.1.0", ">3.0.0"] {
                let refusal = try refusal(bench, "clock", range)
                #expect(refusal.code == "pack_blocked")
                #expect(
                    refusal.message
                        == "clock 3.1.0 failed on this device before: clock is not healthy: no answer.")
                #expect(
                    refusal.remedy
                        == "stage a corrected version, or clear the block: aurora pack unblock \(tree) --reason TEXT")
            }
            // The others answer these.
            let clock = try #require(PackID("clock"))
            for wish in [PackRequest.Wish.version(clock, try VersionRange("^3.0.0")), .version(clock, nil)] {
                #expect(
                    try bench.use { try $0.plan(.change([wish])) }.change.to[clock]?.version == SemanticVersion("3.0.0")
                )
            }
        }
    }

    @Test("of several that failed the one asked for tells its reason; without a range the newest does")
    func each() throws {
        try with(["0.9.0", "1.0.0", "1.1.0"], failing: ["1.0.0": "x", "1.1.0": "y"]) { bench, _ in
            for (range, message) in [
                ("=1.0.0", "clock 1.0.0 failed on this device before: clock is not healthy: x."),
                ("=1.1.0", "clock 1.1.0 failed on this device before: clock is not healthy: y."),
                (nil, "clock 1.1.0 failed on this device before: clock is not healthy: y."),
            ] {
                let refusal = try refusal(bench, "clock", range)
                #expect(refusal.code == "pack_blocked" && refusal.message == message)
            }
            #expect(try refusal(bench, "clock", ">0.8.0").code == "nothing_to_change", "the active one answers that")
        }
    }

    @Test("a pack that another one needs in a version that failed is told among the reasons")
    func needed() throws {
        try with(["1.0.0", "2.0.0"], failing: ["2.0.0": "x"]) { bench, _ in
            try bench.stage(SamplePack(id: "app", needs: ["clock": "^2.0.0"]))
            let refusal = try refusal(bench, "app", nil)
            #expect(refusal.code == "pack_unsatisfiable")
            #expect(
                refusal.message.hasSuffix(
                    "\nclock 2.0.0 is not taken: it failed on this device before: clock is not healthy: x."),
                "\(refusal.message)")
        }
    }
}
