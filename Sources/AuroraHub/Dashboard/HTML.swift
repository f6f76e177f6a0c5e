/// Markup in which everything that was not written as markup has been escaped.
///
/// A page is a string literal with interpolations. The literal is trusted, because it stands in our source; an
/// interpolated `String` is escaped for both text and quoted attribute values; an interpolated `HTML` is taken as it is.
/// There is no way to turn a `String` into markup, so a name from a client cannot become an element.
/// Attribute values in literals are always quoted with `"`.
struct HTML: Sendable, Hashable, ExpressibleByStringInterpolation {
    /// The finished markup.
    let markup: String

    init(stringLiteral value: String) {
        markup = value
    }

    init(stringInterpolation: Interpolation) {
        markup = stringInterpolation.markup
    }

    /// Collects literal parts as they are and values escaped.
    struct Interpolation: StringInterpolationProtocol, Sendable {
        fileprivate var markup = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            markup.reserveCapacity(literalCapacity + interpolationCount * 16)
        }

        mutating func appendLiteral(_ literal: String) {
            markup += literal
        }

        mutating func appendInterpolation(_ text: String) {
            markup += HTML.escape(text)
        }

        mutating func appendInterpolation(_ number: some BinaryInteger) {
            markup += String(number)
        }

        mutating func appendInterpolation(_ html: HTML) {
            markup += html.markup
        }

        mutating func appendInterpolation(_ parts: [HTML]) {
            for part in parts { markup += part.markup }
        }
    }

    /// No markup at all.
    static let nothing: HTML = ""

    /// Replaces the five characters that could end a text or a quoted attribute value.
    ///
    /// Control characters other than white space become the replacement character, since a browser would drop them
    /// silently; so do direction overrides, which disguise names.
    static func escape(_ text: String) -> String {
        var escaped = ""
        escaped.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case "\t", "\n": escaped.unicodeScalars.append(scalar)
            case _ where scalar.properties.generalCategory == .control: escaped += "\u{FFFD}"
            case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

extension HTML {
    /// This and then `parts`, as one piece.
    func joining(_ parts: [HTML]) -> HTML { "\(self)\(parts)" }
}
