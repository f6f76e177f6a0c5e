import AuroraTestSupport
import Foundation

/// A page of the documentation as the commands a reader would type.
struct Page: Sendable, CustomStringConvertible {
    /// Path from the root of the repository.
    let path: String

    var description: String { path }

    /// One fenced block whose info string begins with `sh`.
    struct Block {
        let commands: String
        /// Runs beside the following blocks and is stopped at the end of the page.
        let isBackground: Bool
    }

    static let root = String(#filePath.prefix(upTo: #filePath.range(of: "/Tests/")?.lowerBound ?? #filePath.endIndex))

    /// Every page with at least one block to run; the examples of the generated reference need a hub each.
    static let all: [Page] = {
        let folders = ["docs/tutorial", "docs/how-to", "docs/explanation"]
        let pages = folders.flatMap { folder in
            ((try? FileManager.default.contentsOfDirectory(atPath: root + "/" + folder)) ?? []).map {
                folder + "/" + $0
            }
        }
        return (pages + ["README.md"]).filter { $0.hasSuffix(".md") }.sorted().map(Page.init)
            .filter { !((try? $0.blocks()) ?? []).isEmpty }
    }()

    func blocks() throws -> [Block] {
        var blocks: [Block] = []
        var lines: [Substring]?
        var isBackground = false
        for line in try readText(Page.root + "/" + path).split(separator: "\n", omittingEmptySubsequences: false) {
            if let open = lines {
                guard line == "```" else {
                    lines = open + [line]
                    continue
                }
                blocks.append(Block(commands: open.joined(separator: "\n"), isBackground: isBackground))
                lines = nil
            } else if line == "```sh" || line == "```sh background" {
                lines = []
                isBackground = line.hasSuffix("background")
            }
        }
        return blocks
    }

    /// The page as one script that stops at the first command that fails.
    func script() throws -> String {
        let parts = try blocks().map { block in
            block.isBackground ? "( exec \(block.commands) ) &\nbackground+=($!)" : block.commands
        }
        return """
            set -euo pipefail
            background=()
            trap 'for each in "${background[@]}"; do kill "$each" || true; wait "$each" || true; done' EXIT
            \(parts.joined(separator: "\n"))

            """
    }
}
