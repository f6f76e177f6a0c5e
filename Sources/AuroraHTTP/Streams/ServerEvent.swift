/// One server-sent event (WHATWG HTML, section 9.2).
package struct ServerEvent: Hashable, Sendable {
    /// What a client sends back as `Last-Event-ID`.
    package var id: String?
    /// The event's type; `message` for the browser when absent.
    package var name: String?
    /// The payload; line breaks are kept.
    package var data: String

    /// Describes an event.
    package init(id: String? = nil, name: String? = nil, data: String) {
        self.id = id
        self.name = name
        self.data = data
    }

    /// The event on the wire; line breaks in `id` and `name` are dropped so that they cannot start another field.
    package var bytes: [UInt8] {
        var text = ""
        if let id { text += "id: \(Self.oneLine(id))\n" }
        if let name { text += "event: \(Self.oneLine(name))\n" }
        let lines = data.replacingLineBreaks().split(separator: "\n", omittingEmptySubsequences: false)
        for line in lines {
            text += "data: \(line)\n"
        }
        return Array((text + "\n").utf8)
    }

    private static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { $0 != "\n" && $0 != "\r" && $0 != "\0" }))
    }
}

extension String {
    /// The text with `\r\n` and `\r` turned into `\n`, scalar by scalar.
    fileprivate func replacingLineBreaks() -> String {
        var result = String.UnicodeScalarView()
        var previousWasReturn = false
        for scalar in unicodeScalars {
            if scalar == "\n" && previousWasReturn {
                previousWasReturn = false
                continue
            }
            previousWasReturn = scalar == "\r"
            result.append(previousWasReturn ? "\n" : scalar)
        }
        return String(result)
    }
}
