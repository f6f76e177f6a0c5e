import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

@Suite("The documentation", .serialized)
struct DocumentationTests {
    @Test(
        .enabled(if: IsolatedRun.isPossible, "a network of its own needs root"), .timeLimit(.minutes(4)),
        arguments: Page.all)
    func `does what it says`(_ page: Page) throws {
        try withTemporaryDirectory { folder in
            try write(try page.script(), to: folder + "/page.sh")
            let result = try IsolatedRun.bash([folder + "/page.sh"], in: folder + "/home", timeout: .seconds(200))
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

    private static func everyPage() throws -> [String] {
        let enumerator = FileManager.default.enumerator(atPath: Page.root + "/docs")
        let docs = (enumerator?.allObjects ?? []).compactMap { $0 as? String }.map { "docs/" + $0 }
        let top = try FileManager.default.contentsOfDirectory(atPath: Page.root)
        return (docs + top).filter { $0.hasSuffix(".md") }.sorted()
    }
}
