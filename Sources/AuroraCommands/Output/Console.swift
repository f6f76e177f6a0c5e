import AuroraModel
import AuroraSystem
import Synchronization

/// Where a command's words go: results to standard output, everything else to standard error.
package final class Console: Sendable {
    /// What results look like.
    package enum Format: String, Sendable {
        case table
        case json
        case name
    }

    /// How much is said beside the results.
    package enum Volume: Int, Sendable, Comparable {
        case quiet
        case normal
        case verbose

        package static func < (left: Volume, right: Volume) -> Bool { left.rawValue < right.rawValue }
    }

    /// What results look like.
    package let format: Format
    /// How much is said beside the results.
    package let volume: Volume
    /// Whether standard error is a terminal that may be redrawn.
    package let isLive: Bool
    /// Columns of that terminal.
    package let width: Int
    private let paints: Bool
    private let writeOutput: @Sendable (String) -> Void
    private let writeError: @Sendable (String) -> Void
    private let liveLine = Mutex(false)

    /// A console that writes with the two closures; tests give their own.
    package init(
        format: Format = .table, volume: Volume = .normal, isLive: Bool = false, usesColor: Bool = false,
        width: Int = 80, output: @escaping @Sendable (String) -> Void, error: @escaping @Sendable (String) -> Void
    ) {
        self.format = format
        self.volume = volume
        self.isLive = isLive
        self.paints = usesColor
        self.width = width
        writeOutput = output
        writeError = error
    }

    // MARK: Results

    /// Prints one thing: `text` for people, `value` with its kind for programs, `names` for `--output name`.
    func show(_ kind: String, _ value: JSONValue, names: [String] = [], text: () -> String) {
        endLiveLine()
        switch format {
        case .json: writeOutput(String(decoding: Self.envelope(kind, value).prettyBytes, as: UTF8.self))
        case .name: writeOutput(names.map { $0.onOneLine + "\n" }.joined())
        case .table:
            let text = text()
            writeOutput(text.isEmpty || text.hasSuffix("\n") ? text : text + "\n")
        }
    }

    /// Prints a list of things; `empty` says on standard error what would make it fuller.
    func show(_ kind: String, list items: [JSONValue], name: String, table: TextTable, empty: String) {
        let value = JSONValue.object(JSONObject([("items", .array(items))]))
        show(kind, value, names: items.compactMap { $0[name]?.string }) {
            table.rows.isEmpty ? "" : table.text(width: 0)
        }
        if items.isEmpty, format == .table { note(empty) }
    }

    /// Prints raw text, whatever the format; for scripts, keys and bytes meant for files.
    func raw(_ text: String) {
        endLiveLine()
        writeOutput(text)
    }

    /// The members of `value` behind the version and the kind.
    static func envelope(_ kind: String, _ value: JSONValue) -> JSONValue {
        let members = value.object?.members.map { ($0.key, $0.value) } ?? [("value", value)]
        return .object(JSONObject([("apiVersion", "aurora/v1"), ("kind", .string(kind))] + members))
    }

    // MARK: Messages

    /// Says something to a person that no program reads.
    func note(_ text: String) {
        guard volume >= .normal else { return }
        endLiveLine()
        writeError(text + "\n")
    }

    /// Says what went on behind the scenes, when asked to.
    func detail(_ text: String) {
        guard volume >= .verbose else { return }
        endLiveLine()
        writeError(paint("· " + text, .dim) + "\n")
    }

    /// Says what somebody should know although it stops nothing.
    func warn(_ text: String) {
        endLiveLine()
        writeError(paint("warning: ", .yellow) + text.onOneLine + "\n")
    }

    /// Asks a question, without ending the line.
    func prompt(_ text: String) {
        endLiveLine()
        writeError(text)
    }

    /// Shows why a command failed.
    package func report(_ error: CommandError) {
        endLiveLine()
        guard format != .json else {
            var members: [(String, JSONValue)] = [
                ("code", .string(error.code)), ("message", .string(error.message)), ("cause", .string(error.cause)),
                ("hint", .string(error.remedy)),
            ]
            if let id = error.requestID { members.append(("requestId", .string(id))) }
            if !error.details.isNull { members.append(("details", error.details)) }
            let value = JSONValue.object(JSONObject([("error", .object(JSONObject(members)))]))
            return writeError(value.description + "\n")
        }
        var lines = error.lines
        if let first = lines.first, first.hasPrefix("error:") {
            lines[0] = paint("error:", .red) + first.dropFirst("error:".count)
        }
        if volume >= .verbose, let id = error.requestID { lines.append("  request id: \(id)") }
        writeError(lines.joined(separator: "\n") + "\n")
    }

    /// Draws over the present line of the terminal; only where ``isLive``.
    func redraw(_ line: String) {
        guard isLive, volume >= .normal else { return }
        liveLine.withLock { $0 = true }
        writeError("\r\u{1B}[K" + line)
    }

    private func endLiveLine() {
        let wasLive = liveLine.withLock { live in
            defer { live = false }
            return live
        }
        if wasLive { writeError("\r\u{1B}[K") }
    }

    // MARK: Colour

    /// The few colours there are; every one comes with words that say the same.
    enum Paint: String {
        case red = "31"
        case green = "32"
        case yellow = "33"
        case bold = "1"
        case dim = "2"
    }

    /// `text` in a colour, or as it is where colours are off.
    func paint(_ text: String, _ color: Paint) -> String {
        paints ? "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m" : text
    }
}
