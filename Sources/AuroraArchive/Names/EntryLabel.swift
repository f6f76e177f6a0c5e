/// Names from an archive made fit for messages: printable, short, never able to forge a line.
package enum EntryLabel {
    /// The longest label in bytes before it is cut.
    package static let limit = 256

    /// The bytes as text, with control characters and invalid UTF-8 shown as `\xNN`.
    package static func text(_ bytes: some Collection<UInt8>) -> String {
        let kept = Array(bytes.prefix(limit))
        var label = ""
        if let text = String(validating: kept, as: UTF8.self) {
            for scalar in text.unicodeScalars {
                if NameRules.isUnprintable(scalar) || scalar == "\\" {
                    for byte in String(scalar).utf8 { label += escaped(byte) }
                } else {
                    label.unicodeScalars.append(scalar)
                }
            }
        } else {
            for byte in kept {
                label += (0x20..<0x7f).contains(byte) && byte != 0x5c ? String(UnicodeScalar(byte)) : escaped(byte)
            }
        }
        return bytes.count > limit ? label + "…" : label
    }

    private static func escaped(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return "\\x" + (digits.count == 1 ? "0" : "") + digits
    }
}
