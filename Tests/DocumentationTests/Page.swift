import AuroraTestSupport
import Foundation

/// A page of the documentation as the commands a reader would type.
struct Page: Sendable, CustomStringConvertible {
    /// Path from the root of the repository.
    let path: String

    var description: String { path }

    /// One fenced block.
    struct Block {
        /// What stands behind the fence: `sh`, `sh background`, `sh make`, `text`, `json`; and `sh root`, `sh root
        /// background` on pages that need root as a whole.
        let kind: String
        let text: String

        /// Whether the test of the documentation runs it.
        var isRun: Bool { Block.run.contains(kind) }
        static let run: Set<String> = ["sh", "sh background", "sh root", "sh root background"]
    }

    /// Whether the commands of this page are for root alone.
    var needsRoot: Bool { ((try? blocks()) ?? []).contains { $0.kind.hasPrefix("sh root") } }

    static let root = String(#filePath.prefix(upTo: #filePath.range(of: "/Tests/")?.lowerBound ?? #filePath.endIndex))

    /// Every page of the repository: docs, and what lies at its top.
    static let every: [Page] = {
        let enumerator = FileManager.default.enumerator(atPath: root + "/docs")
        let docs = (enumerator?.allObjects ?? []).compactMap { $0 as? String }.map { "docs/" + $0 }
        let top = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return (docs + top).filter { $0.hasSuffix(".md") }.sorted().map(Page.init)
    }()

    /// The command line's page: each of its examples needs a hub; the command table's tests parse them.
    static let examples = Page(path: "docs/reference/cli.md")

    /// Every page with at least one block to run.
    static let withCommands: [Page] = every.filter { page in
        page.path != examples.path
            && (geteuid() == 0 || !page.needsRoot)
            && ((try? page.blocks()) ?? []).contains { $0.isRun }
    }

    func text() throws -> String { try readText(Page.root + "/" + path) }

    func blocks() throws -> [Block] {
        var blocks: [Block] = []
        var open: (kind: Substring, lines: [Substring])?
        for line in try text().split(separator: "\n", omittingEmptySubsequences: false) {
            if let block = open {
                guard line == "```" else {
                    open?.lines.append(line)
                    continue
                }
                blocks.append(Block(kind: String(block.kind), text: block.lines.joined(separator: "\n")))
                open = nil
            } else if line.hasPrefix("```") {
                open = (line.dropFirst(3), [])
            }
        }
        return blocks
    }

    /// The page as one script that stops at the first command that fails; a `background` block runs beside the rest.
    func script() throws -> String {
        let parts = try blocks().compactMap { block in
            switch block.kind {
            case "sh", "sh root": block.text
            case "sh background", "sh root background": "( exec \(block.text) ) &\nbackground+=($!)"
            default: nil
            }
        }
        return """
            set -euo pipefail
            background=()
            trap 'for each in "${background[@]}"; do kill "$each" || true; wait "$each" || true; done' EXIT
            \(parts.joined(separator: "\n"))

            """
    }
}
