/// A path inside a pack: relative, in UTF-8, and never leading out of the pack.
///
/// It has no empty part, no `.` and no `..`, so it can be joined to a folder as it is; links in the pack are another
/// matter, for whoever opens it.
package struct PackPath: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The parts joined by single slashes.
    package let text: String

    /// What a valid one looks like, in words, for the remedy of a complaint.
    package static let rule =
        "a relative path of at most 1024 bytes, parts of 1 to 255 joined by /, none of them . or .., no control characters"

    /// Checks `text`; nil when it breaks ``rule``.
    package init?(_ text: String) {
        guard (1...1024).contains(text.utf8.count), text.unicodeScalars.allSatisfy(\.isHarmlessInLine) else {
            return nil
        }
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard
            parts.allSatisfy({
                (1...255).contains($0.count) && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8)
            })
        else { return nil }
        self.text = text
    }

    package var description: String { text }

    /// What stands before the first slash.
    package var firstPart: String { String(text.prefix { $0 != "/" }) }

    package static func < (left: PackPath, right: PackPath) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    /// By code points: names that merely look alike are two files.
    package static func == (left: PackPath, right: PackPath) -> Bool { left.text.hasSameCodePoints(as: right.text) }

    package func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }
}
