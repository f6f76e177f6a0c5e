import Foundation

/// Splits lines of Swift into code and string contents, well enough for lint rules.
///
/// Comments are dropped. Multi-line string literals are followed across lines. Interpolations count as string.
struct CodeReader {
    private var inMultilineString = false

    /// The code of a line with its string contents removed, and those contents.
    mutating func read(_ line: String) -> (code: String, text: String) {
        if inMultilineString {
            guard let end = line.range(of: "\"\"\"") else { return ("", line) }
            inMultilineString = false
            return (String(line[end.upperBound...]), String(line[..<end.lowerBound]))
        }
        if let start = line.range(of: "\"\"\"") {
            let after = line[start.upperBound...]
            if !after.contains("\"\"\"") { inMultilineString = true }
            return (String(line[..<start.lowerBound]), String(after))
        }
        return Self.split(line)
    }

    private static func split(_ line: String) -> (code: String, text: String) {
        var code = ""
        var text = ""
        var inString = false
        var isEscaped = false
        var previous: Character = " "
        for character in line {
            if inString {
                if isEscaped {
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else if character == "\"" {
                    inString = false
                    code.append("\"")
                    continue
                }
                text.append(character)
            } else if character == "\"" {
                inString = true
                code.append(character)
            } else if character == "/", previous == "/" {
                code.removeLast()
                break
            } else {
                code.append(character)
            }
            previous = character
        }
        return (code, text)
    }
}
