/// Rows under headings, lined up with blanks.
struct TextTable {
    private(set) var rows: [[String]] = []
    private let headings: [String]

    init(_ headings: String...) { self.headings = headings }

    /// Adds a row; control characters from elsewhere are shown, not obeyed.
    mutating func add(_ cells: String...) { rows.append(cells.map(\.onOneLine)) }

    /// The lines, each ended; with `width` above 0 the last column is cut to fit.
    func text(width: Int) -> String {
        let all = (headings.allSatisfy(\.isEmpty) ? [] : [headings]) + rows
        let columns = headings.count
        let widths = (0..<columns).map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            let cells = row.enumerated().map { index, cell in
                index == columns - 1 ? cell : cell + String(repeating: " ", count: widths[index] - cell.count)
            }
            let line = cells.joined(separator: "  ").trimmedEnd
            return (width > 0 ? String(line.prefix(width)) : line) + "\n"
        }.joined()
    }
}

extension String {
    fileprivate var trimmedEnd: String {
        var text = self[...]
        while text.last == " " { text = text.dropLast() }
        return String(text)
    }
}
