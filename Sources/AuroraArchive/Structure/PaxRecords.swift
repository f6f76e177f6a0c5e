/// The records of one pax extended header (POSIX.1-2017 pax, "pax Extended Header"), each key at most once.
struct PaxRecords {
    private(set) var path: [UInt8]?
    private(set) var linkPath: [UInt8]?
    private(set) var size: UInt64?

    /// Keys that are read and mean nothing here: owners and times are not kept, comments are for people.
    private static let ignored: Set<String> = [
        "atime", "charset", "comment", "ctime", "gid", "gname", "mtime", "uid", "uname", "LIBARCHIVE.creationtime",
        "SCHILY.dev", "SCHILY.ino", "SCHILY.nlink",
    ]

    /// Reads the records of entry `label`; a `global` header may hold only keys that mean nothing.
    init(_ bytes: [UInt8], of label: String, global: Bool) throws(ArchiveRefusal) {
        var seen: Set<String> = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let (key, value) = try PaxRecords.next(&rest, label)
            guard seen.insert(key).inserted else {
                throw ArchiveRefusal(.repeatedMetadata, entry: label, "the pax key \(key) occurs twice")
            }
            try accept(key, value, label, global)
        }
    }

    /// Takes one record `<length> <key>=<value>\n` off the front.
    private static func next(
        _ rest: inout ArraySlice<UInt8>, _ label: String
    ) throws(ArchiveRefusal) -> (key: String, value: [UInt8]) {
        let digits = rest.prefix { (0x30..<0x3a).contains($0) }
        guard let first = digits.first, first != 0x30, digits.count <= 9,
            let length = Int(String(decoding: digits, as: UTF8.self)), length <= rest.count, length > digits.count + 3
        else {
            throw ArchiveRefusal(.paxSyntax, entry: label, "a pax record's length is wrong")
        }
        let record = rest.prefix(length)
        let body = record.dropFirst(digits.count)
        guard body.first == 0x20, body.last == 0x0a, let equals = body.firstIndex(of: UInt8(ascii: "=")) else {
            throw ArchiveRefusal(.paxSyntax, entry: label, "a pax record is not 'length key=value'")
        }
        let key = body[body.index(after: body.startIndex)..<equals]
        guard !key.isEmpty, key.allSatisfy({ (0x21..<0x7f).contains($0) }) else {
            throw ArchiveRefusal(.paxSyntax, entry: label, "a pax key is empty or not plain ASCII")
        }
        rest = rest.dropFirst(length)
        return (String(decoding: key, as: UTF8.self), Array(body[(equals + 1)...].dropLast()))
    }

    private mutating func accept(
        _ key: String, _ value: [UInt8], _ label: String, _ global: Bool
    ) throws(ArchiveRefusal) {
        if PaxRecords.ignored.contains(key) { return }
        try PaxRecords.refuseKnownHarm(key, label)
        guard !global else {
            throw ArchiveRefusal(.paxKey, entry: label, "the pax key \(key) is not accepted for the whole archive")
        }
        switch key {
        case "path": path = value
        case "linkpath": linkPath = value
        case "size":
            guard !value.isEmpty, value.count <= 19, value.allSatisfy({ (0x30..<0x3a).contains($0) }),
                let number = UInt64(String(decoding: value, as: UTF8.self))
            else { throw ArchiveRefusal(.paxSyntax, entry: label, "the pax size is not a number") }
            size = number
        case "hdrcharset" where value.elementsEqual("ISO-IR 10646 2000 UTF-8".utf8): break
        default: throw ArchiveRefusal(.paxKey, entry: label, "the pax key \(key) is not accepted")
        }
    }

    private static func refuseKnownHarm(_ key: String, _ label: String) throws(ArchiveRefusal) {
        if key.hasPrefix("GNU.sparse.") || key == "SCHILY.realsize" || key.hasPrefix("SUN.holes") {
            throw ArchiveRefusal(.sparse, entry: label, "\(key) marks a sparse file")
        }
        if key.hasPrefix("SCHILY.acl.") {
            throw ArchiveRefusal(.accessControlList, entry: label, "\(key) is an access control list")
        }
        let attributes = ["SCHILY.xattr.", "LIBARCHIVE.xattr.", "RHT.security.", "SCHILY.fflags"]
        if attributes.contains(where: key.hasPrefix) {
            throw ArchiveRefusal(.extendedAttribute, entry: label, "\(key) is an extended attribute or file flag")
        }
    }
}
