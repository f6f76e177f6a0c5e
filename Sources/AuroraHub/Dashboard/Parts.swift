import AuroraModel

/// Pieces that several pages are made of.
///
/// Pages are made from the same JSON the native API answers, so that a page and a script never see different things.
enum Parts {
    static func notice(_ notice: Notice) -> HTML {
        #"<p class="notice \#(notice.kind.rawValue)" role="alert">\#(notice.text)</p>"#
    }

    /// The hidden field that proves a form came from one of our pages.
    static func csrf(_ viewer: Viewer) -> HTML {
        #"<input type="hidden" name="csrf" value="\#(viewer.csrf)">"#
    }

    /// A digest, shortened for the eye and whole for the tooltip and the clipboard.
    static func digest(_ value: JSONValue?) -> HTML {
        guard let digest = value?.string, !digest.isEmpty else { return #"<span class="quiet">none</span>"# }
        return #"<code title="\#(digest)">\#(String(digest.prefix(12)))</code>"#
    }

    /// A whole digest.
    static func wholeDigest(_ value: JSONValue?) -> HTML {
        guard let digest = value?.string, !digest.isEmpty else { return #"<span class="quiet">none</span>"# }
        return "<code>\(digest)</code>"
    }

    /// A moment in UTC, to the second.
    static func time(_ value: JSONValue?) -> HTML {
        guard let text = value?.string else { return #"<span class="quiet">never</span>"# }
        let shown = text.prefix(19).replacing("T", with: " ") + " UTC"
        return #"<time datetime="\#(text)">\#(String(shown))</time>"#
    }

    /// A state as word, sign and colour.
    static func state(_ name: String) -> HTML {
        #"<span class="state \#(tone(of: name))">\#(words(for: name))</span>"#
    }

    private static func tone(of state: String) -> String {
        switch state {
        case "done", "approved", "good", "active", "committed", "verified": "good"
        case "failed", "rejected", "bad", "degraded", "broken", "blocked": "bad"
        case "waiting", "running", "queued", "stale", "expired", "interrupted", "unsigned", "drift": "warn"
        default: "plain"
        }
    }

    private static func words(for state: String) -> String {
        switch state {
        case "rolled-back": "rolled back"
        case "bad": "bad signature"
        case "good": "signed"
        default: state
        }
    }

    /// A size in units people read, with the exact count for the tooltip.
    static func size(_ value: JSONValue?) -> HTML {
        guard let bytes = value?.integer else { return "" }
        return #"<span title="\#(bytes) bytes">\#(readable(bytes))</span>"#
    }

    static func readable(_ bytes: Int64) -> String {
        let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
        var scaled = bytes * 10
        var unit = 0
        while scaled >= 10240, unit < units.count - 1 {
            scaled /= 1024
            unit += 1
        }
        return unit == 0 || scaled % 10 == 0
            ? "\(scaled / 10) \(units[unit])" : "\(scaled / 10).\(scaled % 10) \(units[unit])"
    }

    /// Text, or a dash for nothing.
    static func text(_ value: JSONValue?) -> HTML {
        switch value {
        case .string(let text): text.isEmpty ? "–" : "\(text)"
        case .integer(let number): "\(number)"
        case .bool(let flag): flag ? "yes" : "no"
        default: "–"
        }
    }

    /// Rows of a two-column list of facts.
    static func facts(_ rows: [(String, HTML)]) -> HTML {
        let lines = rows.map { "<dt>\($0.0)</dt><dd>\($0.1)</dd>" as HTML }
        return #"<dl class="facts">\#(lines)</dl>"#
    }

    /// A table with a heading for screen readers; says `empty` when there are no rows.
    static func table(_ caption: String, heads: [String], rows: [HTML], empty: String) -> HTML {
        guard !rows.isEmpty else { return #"<p class="quiet">\#(empty)</p>"# }
        let cells = heads.map { #"<th scope="col">\#($0)</th>"# as HTML }
        return """
            <div class="scroll" role="region" aria-label="Table: \(caption)" tabindex="0"><table>
            <caption class="unseen">\(caption)</caption>
            <thead><tr>\(cells)</tr></thead>
            <tbody>\(rows)</tbody>
            </table></div>
            """
    }

    /// The field for the reason that every decision needs.
    static func reason(_ id: String, label: String = "Reason (at least 10 characters)", isRequired: Bool = true) -> HTML
    {
        """
        <label for="\(id)">\(label)</label>
        <input id="\(id)" name="reason" autocomplete="off" maxlength="500"\(isRequired ? " required minlength=\"10\"" : "")>
        """
    }
}
