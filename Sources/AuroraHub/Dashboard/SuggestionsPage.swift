import AuroraModel

/// All suggestions, newest first.
enum SuggestionsPage {
    static func content(_ suggestions: [JSONValue], next: String?) -> [HTML] {
        let more: HTML = next.map { #"<p><a href="/suggestions?cursor=\#($0)">Older ones</a></p>"# } ?? .nothing
        return [
            #"<section class="card">\#(table(suggestions, empty: "No suggestion has been made yet."))\#(more)</section>"#
        ]
    }

    static func table(_ suggestions: [JSONValue], empty: String) -> HTML {
        Parts.table(
            "Suggestions", heads: ["Change", "Target", "Domain", "Asked by", "Reason", "Expires", "State"],
            rows: suggestions.map(row), empty: empty)
    }

    private static func row(_ suggestion: JSONValue) -> HTML {
        let id = suggestion["id"]?.string ?? ""
        return """
            <tr><td><a href="/suggestions/\(id)">\(title(suggestion))</a></td><td>\(Parts.text(suggestion["target"]))</td>\
            <td>\(Parts.text(suggestion["domain"]))</td><td>\(Parts.text(suggestion["requestedBy"]))</td>\
            <td>\(Parts.text(suggestion["reason"]))</td><td>\(Parts.time(suggestion["expires"]))</td>\
            <td>\(Parts.state(suggestion["state"]?.string ?? ""))</td></tr>
            """
    }

    /// "promote gateway 1.2.0", or the id when nothing better is known.
    static func title(_ suggestion: JSONValue) -> String {
        suggestion["title"]?.string ?? suggestion["id"]?.string ?? "suggestion"
    }
}
