import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

@Suite("The reference")
struct ReferenceTests {
    /// Pages of docs/reference that people write; each has a test of its own.
    private static let written: Set<String> = ["archive-rules.md"]

    @Test("every page is what the program makes of its tables; `make docs` writes them anew")
    func pages() throws {
        try withTemporaryDirectory { folder in
            let result = try Processes.run(
                ProcessSpec(
                    executable: try BuiltPrograms.path("aurora"), arguments: ["reference", folder + "/made"],
                    environment: ["HOME": folder, "TMPDIR": folder, "PATH": "/usr/bin:/bin"]))
            try #require(result.isSuccess, "\(String(decoding: result.errorOutput, as: UTF8.self))")
            let made = try Self.names(folder + "/made/reference")
            #expect(try Self.names(Page.root + "/docs/reference") == made.union(Self.written))
            for name in made { try compare(name, with: folder + "/made/reference/" + name) }
            #expect(try Self.names(folder) == ["made"], "something was left behind")
        }
    }

    private func compare(_ name: String, with made: String) throws {
        let old = try readText(Page.root + "/docs/reference/" + name).components(separatedBy: "\n")
        let new = try readText(made).components(separatedBy: "\n")
        let different = zip(old, new).enumerated().first { $0.element.0 != $0.element.1 }
        guard old != new else { return }
        let line = different?.offset ?? min(old.count, new.count)
        Issue.record(
            """
            docs/reference/\(name) differs from what the program says, first in line \(line + 1):
            page:    \(different?.element.0 ?? "(end)")
            program: \(different?.element.1 ?? "(end)")
            If the change is meant: make docs, and read the diff.
            """)
    }

    private static func names(_ folder: String) throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: folder))
    }
}
