package import AuroraModel

/// The rule for names of uploaded files: labels, never paths.
package enum FileLabel {
    /// The longest name in UTF-8 bytes; the limit of Linux file systems, so that a label can be saved under its name.
    package static let maximumBytes = 255

    /// Refuses a name that could mean a place or hide its text.
    ///
    /// A label has 1 to 255 bytes, no `/` or `\`, is not `.` or `..`, does not begin with `-` or end with a blank, and
    /// holds no control, format (bidirectional overrides, zero-width) or line-separator characters.
    ///
    /// - Throws: `Refusal` with code `invalid_file_name`.
    package static func validate(_ name: String) throws(Refusal) {
        guard let fault = fault(of: name) else { return }
        throw Refusal(
            .badRequest, code: "invalid_file_name", "The file name \"\(name.printable(limit: 80))\" \(fault).",
            subject: name.printable(limit: 80),
            rule: "a file name is a label of 1 to 255 bytes without path or control characters",
            remedy: "Send the bare name of the file, for example gateway-1.2.0.tar.gz.")
    }

    private static func fault(of name: String) -> String? {
        if name.isEmpty { return "is empty" }
        if name.utf8.count > maximumBytes { return "is longer than \(maximumBytes) bytes" }
        if name == "." || name == ".." { return "means a directory" }
        if name.utf8.first == UInt8(ascii: "-") { return "begins with a hyphen and would be read as an option" }
        if name.utf8.first == UInt8(ascii: " ") || name.utf8.last == UInt8(ascii: " ") {
            return "begins or ends with a blank"
        }
        for scalar in name.unicodeScalars {
            if scalar == "/" || scalar == "\\" { return "holds a path separator" }
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
                return "holds the character U+\(String(scalar.value, radix: 16, uppercase: true)), which cannot be seen"
            default: continue
            }
        }
        return nil
    }
}
