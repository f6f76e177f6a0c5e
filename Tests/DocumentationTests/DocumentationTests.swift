import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

/// Every command of the documentation is run as it stands, in a network of its own, so that the usual ports are free.
@Suite("The documentation", .serialized)
struct DocumentationTests {
    @Test(
        .enabled(if: geteuid() == 0, "a network namespace of its own needs root"), .timeLimit(.minutes(4)),
        arguments: Page.all)
    func `does what it says`(_ page: Page) throws {
        try withTemporaryDirectory { folder in
            try write(try page.script(), to: folder + "/page.sh")
            try FileManager.default.createDirectory(
                atPath: folder + "/gnupg", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            let result = try Processes.run(
                ProcessSpec(
                    executable: "/usr/bin/unshare",
                    arguments: ["--net", "/bin/bash", "-c", "ip link set lo up && exec /bin/bash page.sh"],
                    environment: [
                        "PATH": "\(try Self.programs()):/usr/bin:/bin:/usr/sbin:/sbin", "HOME": folder,
                        "GNUPGHOME": folder + "/gnupg", "LC_ALL": "C.UTF-8",
                    ], workingDirectory: folder, outputLimit: 1 << 20, timeout: .seconds(200)))
            let output = String(decoding: result.output + result.errorOutput, as: UTF8.self)
            #expect(result.isSuccess, "\(page): \(result.outcome)\n\(output.suffix(4000))")
        }
    }

    @Test func `pages link only to files that exist`() throws {
        for page in try Self.everyPage() {
            let text = try readText(Page.root + "/" + page)
            let folder = (page as NSString).deletingLastPathComponent
            for match in text.matches(of: /\]\((?<target>[^)#:]+)(#[^)]*)?\)/) {
                let target = ((Page.root + "/" + folder) as NSString).appendingPathComponent(String(match.target))
                #expect(FileManager.default.fileExists(atPath: target), "\(page) links to \(match.target)")
            }
        }
    }

    /// The folder with the programs under test.
    private static func programs() throws -> String {
        let folder = (CommandLine.arguments.first.map { ($0 as NSString).deletingLastPathComponent }) ?? "."
        let candidates = [folder, Page.root + "/.build/debug", Page.root + "/.build/release"]
        return try #require(candidates.first { FileManager.default.isExecutableFile(atPath: $0 + "/aurora") })
    }

    private static func everyPage() throws -> [String] {
        let enumerator = FileManager.default.enumerator(atPath: Page.root + "/docs")
        let docs = (enumerator?.allObjects ?? []).compactMap { $0 as? String }.map { "docs/" + $0 }
        let top = try FileManager.default.contentsOfDirectory(atPath: Page.root)
        return (docs + top).filter { $0.hasSuffix(".md") }.sorted()
    }
}
