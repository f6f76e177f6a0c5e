/// The outer form of a detached signature file, checked before `gpgv` sees it.
///
/// GnuPG skips text before an armoured block and reads several blocks in a row. Both let a file say one thing to a person
/// and another to the program, so the file must be one armoured signature and nothing else, or binary packets.
enum ArmorRule {
    private static let begin = Array("-----BEGIN PGP SIGNATURE-----".utf8)
    private static let end = Array("-----END PGP SIGNATURE-----".utf8)
    private static let marker = Array("-----BEGIN PGP".utf8)

    /// Largest signature file that is looked at, in bytes.
    static let largest = 64 * 1024

    enum Form: Hashable, Sendable {
        case detached
        /// Nothing in it.
        case empty
        /// A cleartext document or a message, not a detached signature.
        case notDetached
        /// Text before or after the one armoured block.
        case extraText
        case tooLarge
    }

    static func form(of file: [UInt8]) -> Form {
        if file.count > largest { return .tooLarge }
        let text = trimmed(file[...])
        guard let first = text.first else { return .empty }
        if first & 0x80 != 0 { return .detached }  // the first bit of every binary packet is set: RFC 9580, section 4.2
        guard text.starts(with: begin) else {
            return text.starts(with: marker) || !contains(text, begin) ? .notDetached : .extraText
        }
        guard let finish = firstIndex(of: end, in: text) else { return .detached }  // cut off: gpgv's verdict
        return finish + end.count == text.endIndex ? .detached : .extraText
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isSpace: (UInt8) -> Bool = { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        guard let first = bytes.firstIndex(where: { !isSpace($0) }), let last = bytes.lastIndex(where: { !isSpace($0) })
        else { return [] }
        return bytes[first...last]
    }

    private static func contains(_ bytes: ArraySlice<UInt8>, _ pattern: [UInt8]) -> Bool {
        firstIndex(of: pattern, in: bytes) != nil
    }

    private static func firstIndex(of pattern: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= pattern.count else { return nil }
        return (bytes.startIndex...bytes.endIndex - pattern.count).first { bytes[$0...].starts(with: pattern) }
    }
}
