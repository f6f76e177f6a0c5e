/// A path in a pack's own file system: `/` or names below it, never `..`.
///
/// Names are bytes to the kernel and here: two spellings of one accented letter are two names, and `a..b` is not `ab`.
package struct VirtualPath: Hashable, Sendable, CustomStringConvertible {
    /// Longest path, in bytes (`PATH_MAX` without its zero).
    package static let limit = 4_095

    /// The names, none of them empty, `.` or `..`.
    package let names: [String]

    /// The root.
    package static let root = VirtualPath(names: [])

    /// Reads a path; a leading slash may be left out, empty names and `.` mean nothing.
    /// - Throws: ``FileSystemError`` with `badPath` or `tooLong`.
    package init(_ text: String) throws(FileSystemError) {
        let shown = text.printed
        guard text.utf8.count <= Self.limit else { throw FileSystemError(.tooLong, shown) }
        guard !text.utf8.contains(0) else { throw FileSystemError(.badPath("it holds a zero byte"), shown) }
        var names: [String] = []
        for part in text.utf8.split(separator: UInt8(ascii: "/")) {
            guard let name = String(part), name != "." else { continue }
            if name == ".." { throw FileSystemError(.badPath("a path does not go up"), shown) }
            if part.count > 255 { throw FileSystemError(.tooLong, shown) }
            if name.utf8.starts(with: FileVolumeRules.reservedPrefix.utf8) {
                throw FileSystemError(.badPath("names that begin so are for unfinished writes"), shown)
            }
            names.append(name)
        }
        self.names = names
    }

    /// Reads a path that came as bytes.
    /// - Throws: ``FileSystemError`` with `badPath` when they are not UTF-8.
    package init(bytes: [UInt8]) throws(FileSystemError) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw FileSystemError(.badPath("it is not UTF-8"), String(decoding: bytes, as: UTF8.self).printed)
        }
        self = try VirtualPath(text)
    }

    private init(names: [String]) { self.names = names }

    /// Absolute, for messages.
    package var description: String { "/" + names.joined(separator: "/") }

    /// The names behind `prefix`; nil when this path does not lie at or below it.
    func names(below prefix: VirtualPath) -> [String]? {
        if prefix.names.isEmpty { return names }
        guard names.count >= prefix.names.count else { return nil }
        for (own, other) in zip(names, prefix.names) where !own.utf8.elementsEqual(other.utf8) { return nil }
        return Array(names.dropFirst(prefix.names.count))
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.names.count == right.names.count && left.names(below: right) != nil
    }

    package func hash(into hasher: inout Hasher) {
        for name in names { for byte in name.utf8 { hasher.combine(byte) } }
    }
}

extension String {
    /// At most 200 characters without control characters, for messages.
    fileprivate var printed: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.prefix(200).map { $0.value < 0x20 || $0.value == 0x7f ? "\u{fffd}" : $0 }))
    }
}
