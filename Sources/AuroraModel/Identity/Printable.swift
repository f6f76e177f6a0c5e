extension String {
    /// The text with control characters and line separators as `\u{..}`, cut after `limit` characters.
    ///
    /// For messages and log lines that hold what a stranger wrote: the result is always one harmless line.
    package func printable(limit: Int = .max) -> String {
        var result = ""
        var count = 0
        for scalar in unicodeScalars {
            guard count < limit else { return result + "…" }
            count += 1
            if scalar.isHarmlessInLine {
                result.unicodeScalars.append(scalar)
            } else {
                result += "\\u{" + String(scalar.value, radix: 16) + "}"
            }
        }
        return result
    }

    /// As a sentence: a capital first, a full stop last.
    package var asSentence: String {
        guard let first else { return "" }
        let text = first.uppercased() + dropFirst()
        return text.hasSuffix(".") || text.hasSuffix("?") ? text : text + "."
    }
}

extension Unicode.Scalar {
    /// Whether the scalar neither ends a line, steers a terminal nor turns the reading direction.
    package var isHarmlessInLine: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: false
        case .format: value == 0x200D || value == 0x200C
        default: true
        }
    }
}
