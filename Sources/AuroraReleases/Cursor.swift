import AuroraApprovals
import AuroraModel

/// Where a list goes on: the time and the name of the last item, as clients carry it.
enum Cursor {
    static func text(_ time: Timestamp, _ digest: Digest) -> String { "\(time.milliseconds).\(digest.hex)" }

    /// - Throws: `Refusal` with code `bad_cursor` for what no list gave out.
    static func parse(_ text: String) throws(Refusal) -> (Int64, String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let time = Int64(parts[0]), let digest = Digest(hex: String(parts[1])) else {
            throw Refusal(
                .badRequest, code: "bad_cursor", "The cursor \"\(text.printable(limit: 80))\" is not one of this list.",
                subject: text.printable(limit: 80), rule: "a cursor is what the page before gave as next",
                remedy: "Ask for the first page without a cursor.")
        }
        return (time, digest.hex)
    }
}

extension Page {
    /// A page of at most `limit` items out of a query that asked for one more.
    init(_ found: [Item], limit: Int, cursor: (Item) -> String) {
        let items = Array(found.prefix(limit))
        self.init(items: items, next: found.count > limit ? items.last.map(cursor) : nil)
    }
}
