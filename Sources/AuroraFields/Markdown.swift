/// Small pieces of Markdown for the pages that are made from the program.
package enum Markdown {
    /// A table, with the line end of its last row; cells are escaped, no rows give no table.
    package static func table(_ head: [String], _ rows: [[String]]) -> String {
        guard !rows.isEmpty else { return "" }
        return line(head) + line(head.map { _ in "---" }) + rows.map(line).joined()
    }

    /// A cell's text as code; nothing for an empty text.
    package static func code(_ text: String) -> String { text.isEmpty ? "" : "`\(text)`" }

    private static func line(_ cells: [String]) -> String {
        "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n"
    }
}

extension String {
    /// With one line end after the last line.
    package var withOneLineEnd: String {
        var text = self
        while text.hasSuffix("\n") { text.removeLast() }
        return text + "\n"
    }
}
