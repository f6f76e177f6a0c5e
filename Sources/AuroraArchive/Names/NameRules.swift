/// The rules for a name in an archive, before it meets any other name.
package enum NameRules {
    /// The longest path in bytes (Linux PATH_MAX without its NUL).
    package static let pathBytes = 4095
    /// The longest component in bytes (Linux NAME_MAX).
    package static let componentBytes = 255

    /// Splits a name into its components; `.` and doubled slashes are dropped, so `./` alone gives none.
    ///
    /// A backslash is an ordinary character on Linux (systemd's unit names use it), but a name that would be absolute
    /// or climb if it were a separator is refused all the same: nobody means well by it.
    package static func components(of name: [UInt8], limits: ArchiveLimits) throws(ArchiveRefusal) -> [String] {
        let text = try printable(name, of: name, as: "name")
        try refuseForeignPath(name)
        guard name.count <= pathBytes else {
            throw refusal(.nameTooLong, name, "\(name.count) bytes, \(pathBytes) allowed")
        }
        if name.first == UInt8(ascii: "/") {
            throw refusal(.absoluteName, name, "the name starts at the root of the file system")
        }
        var components: [String] = []
        for part in text.utf8.split(separator: UInt8(ascii: "/")) {
            guard part.count <= componentBytes else {
                throw refusal(.nameTooLong, name, "a component has \(part.count) bytes, \(componentBytes) allowed")
            }
            let component = String(Substring(part))
            if component == "." { continue }
            if component == ".." { throw refusal(.parentComponent, name, "the name climbs with '..'") }
            components.append(component)
        }
        guard components.count <= limits.depth else {
            throw refusal(.tooDeep, name, "\(components.count) levels, \(limits.depth) allowed")
        }
        return components
    }

    /// Checks where a symbolic link leads; `depth` is the number of components of the link's own directory.
    ///
    /// `..` is allowed only at the start of a target. Nothing in the tree lies below a link, so those leading steps
    /// climb through real directories and can be counted; what follows only descends, and any link met on the way
    /// obeys the same rule. A `..` after a name could climb from wherever another link leads, so it is refused.
    package static func checkSymlink(
        _ target: [UInt8], from depth: Int, of name: [UInt8]
    ) throws(ArchiveRefusal) {
        let text = try printable(target, of: name, as: "link target")
        guard target.count <= pathBytes else {
            throw refusal(.nameTooLong, name, "the link target has \(target.count) bytes, \(pathBytes) allowed")
        }
        if target.first == UInt8(ascii: "/") || target.first == UInt8(ascii: "\\") {
            throw refusal(.linkLeavesTree, name, "it points to \(EntryLabel.text(target))")
        }
        var level = depth
        var hasName = false
        for part in text.utf8.split(separator: UInt8(ascii: "/")) {
            if part.elementsEqual(".".utf8) { continue }
            if part.elementsEqual("..".utf8) {
                if hasName {
                    throw refusal(.linkClimbsAfterName, name, "'..' after a name in \(EntryLabel.text(target))")
                }
                level -= 1
                if level < 0 { throw refusal(.linkLeavesTree, name, "it points to \(EntryLabel.text(target))") }
            } else {
                hasName = true
            }
        }
    }

    /// Whether a character is a control character, or hides or reorders what a person reads.
    static func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f..<0xa0: true
        // Marks of direction, zero-width spaces, line and paragraph separators, the byte order mark.
        case 0x061c, 0x200b, 0x200e, 0x200f, 0x2028...0x202e, 0x2060, 0x2066...0x2069, 0xfeff: true
        default: false
        }
    }

    private static func printable(_ bytes: [UInt8], of name: [UInt8], as what: String) throws(ArchiveRefusal) -> String
    {
        if bytes.isEmpty { throw refusal(.emptyName, name, "the \(what) is empty") }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw refusal(.invalidUTF8, name, "the \(what) is not valid UTF-8")
        }
        if text.unicodeScalars.contains(where: isUnprintable) {
            throw refusal(.controlCharacter, name, "the \(what) \(EntryLabel.text(bytes)) holds a control character")
        }
        return text
    }

    private static func refuseForeignPath(_ name: [UInt8]) throws(ArchiveRefusal) {
        guard name.contains(UInt8(ascii: "\\")) else { return }
        let parts = name.split(separator: UInt8(ascii: "\\"), omittingEmptySubsequences: false)
        if parts[0].isEmpty || (parts[0].count == 2 && parts[0].last == UInt8(ascii: ":")) {
            throw refusal(.absoluteName, name, "read with backslashes, the name is absolute")
        }
        let separators: Set<UInt8> = [UInt8(ascii: "\\"), UInt8(ascii: "/")]
        if name.split(whereSeparator: separators.contains).contains(where: { $0.elementsEqual("..".utf8) }) {
            throw refusal(.parentComponent, name, "read with backslashes, the name climbs with '..'")
        }
    }

    private static func refusal(_ rule: ArchiveRule, _ name: [UInt8], _ detail: String) -> ArchiveRefusal {
        ArchiveRefusal(rule, entry: EntryLabel.text(name), detail)
    }
}
