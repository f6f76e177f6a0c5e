import Foundation

/// One line of the table.
struct ResultRow {
    let figure: String
    let ours: String
    let peer: String
    let ratio: String
    /// The bar of DESIGN.md §8; "-" where it has none.
    let bar: String
    /// Whether the bar is met by the medians; nil without a bar or without a peer that the bar needs.
    let isMet: Bool?

    init(
        _ figure: String, ours: String, peer: String = "-", ratio: String = "-", bar: String = "-", isMet: Bool? = nil
    ) {
        self.figure = figure
        self.ours = ours
        self.peer = peer
        self.ratio = ratio
        self.bar = bar
        self.isMet = isMet
    }

    /// A group that could not be measured, with the reason.
    static func failed(_ group: String, _ reason: String) -> ResultRow {
        ResultRow("\(group): not measured", ours: String(reason.prefix(160)))
    }

    fileprivate var cells: [String] {
        [figure, ours, peer, ratio, bar, isMet.map { $0 ? "yes" : "NO" } ?? "-"]
    }
}

/// The table that `make bench` prints.
struct ResultTable {
    var rows: [ResultRow] = []

    /// Columns as wide as their widest cell.
    var text: String {
        let lines = [["figure", "ours", "peer", "ratio", "bar", "met"]] + rows.map(\.cells)
        let widths = (0..<6).map { column in lines.map { $0[column].count }.max() ?? 0 }
        let rule = widths.map { String(repeating: "-", count: $0) }.joined(separator: "  ")
        let body = lines.map { cells in
            zip(cells, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
        }
        let counted = rows.compactMap(\.isMet)
        let sum = "\(counted.filter { $0 }.count) of \(counted.count) bars met"
        return "\n" + ([body[0], rule] + body.dropFirst() + [rule, sum]).joined(separator: "\n") + "\n"
    }
}

/// How many times `left` is `right`, for the ratio column.
func times(_ left: Double, _ right: Double) -> String {
    guard right > 0 else { return "-" }
    let ratio = left / right
    return ratio >= 100 ? String(format: "%.0f×", ratio) : String(format: "%.2f×", ratio)
}
