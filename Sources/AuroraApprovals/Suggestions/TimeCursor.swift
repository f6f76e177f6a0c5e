import AuroraModel

/// Where a list that is ordered by time and id goes on.
struct TimeCursor {
    let created: Int64
    let id: String

    init(created: Timestamp, id: String) {
        self.created = created.milliseconds
        self.id = id
    }

    init(_ text: String) throws(Refusal) {
        let parts = text.split(separator: ".", maxSplits: 1)
        guard text.utf8.count <= 160, parts.count == 2, let created = Int64(parts[0]) else {
            throw Refusal(
                .badRequest, code: "bad_cursor", "the cursor is not one of this list's",
                subject: text.printable(limit: 80), remedy: "start at the first page, or use next as it was given")
        }
        self.created = created
        id = String(parts[1])
    }

    var text: String { "\(created).\(id)" }
}
