import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

@Suite("The hub and its own description")
struct DescriptionTests {
    private static let token = "a-token-of-the-environment-0123456789"
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path()
    private static let python = root + ".build/schemathesis/bin/python"

    /// Values at the edges of every schema and some at random, good and bad, to every route of both ports.
    @Test(
        "S-28 no input makes the hub fail, and every answer is one that its OpenAPI document describes",
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: python),
            "schemathesis is missing: scripts/install-dependencies test"), .timeLimit(.minutes(10)))
    func schemathesis() throws {
        try World.with { world in
            let generous =
                "limits: { requests_per_second: 100000, request_burst: 100000, "
                + "stranger_requests_per_second: 100000, stranger_burst: 100000 }\n"
            let yaml = try readText(world.root + "/aurora.yaml")
            try write(yaml + "\n" + generous, to: world.root + "/aurora.yaml")
            try world.hub.start(environment: ["AURORA_API_TOKEN": Self.token], with: ["--dev"])
            let folder = world.root + "/schemathesis"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            let result = try Processes.run(
                ProcessSpec(
                    executable: Self.python,
                    arguments: [
                        Self.root + "Tests/Schemathesis/check.py", world.hub.dashboard, world.hub.updater,
                    ],
                    environment: [
                        "PATH": "/usr/bin:/bin", "HOME": folder, "LC_ALL": "C.UTF-8", "AURORA_API_TOKEN": Self.token,
                    ], workingDirectory: folder, outputLimit: 1 << 20, timeout: .seconds(540)))
            let output = String(decoding: result.output + result.errorOutput, as: UTF8.self)
            #expect(result.isSuccess, "\(result.outcome)\n\(output.suffix(8000))")
            #expect(output.contains("Tested:"), "nothing was tested\n\(output.suffix(2000))")
            #expect(!world.hub.log.contains("\"event\":\"fault\""))
        }
    }
}
