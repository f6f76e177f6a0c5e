/// The kinds of record that describe the entry after them.
enum MetadataKind {
    case pax
    case globalPax
    case longName
    case longLink

    init?(typeFlag: UInt8) {
        switch typeFlag {
        case UInt8(ascii: "x"): self = .pax
        case UInt8(ascii: "g"): self = .globalPax
        case UInt8(ascii: "L"): self = .longName
        case UInt8(ascii: "K"): self = .longLink
        default: return nil
        }
    }
}

/// What was said about the next entry before its own header.
struct PendingMetadata {
    private var pax: PaxRecords?
    private var longName: [UInt8]?
    private var longLink: [UInt8]?

    /// The largest size that fits the header's eleven octal digits.
    private static let headerSizeLimit: UInt64 = 1 << 33

    var isEmpty: Bool { pax == nil && longName == nil && longLink == nil }

    /// Keeps one record; a second one of its kind is refused.
    mutating func keep(_ kind: MetadataKind, _ bytes: [UInt8]) throws(ArchiveRefusal) {
        switch kind {
        case .globalPax:
            _ = try PaxRecords(bytes, of: "", global: true)
        case .pax:
            guard pax == nil else { throw repeated("pax header") }
            pax = try PaxRecords(bytes, of: longName.map { EntryLabel.text($0) } ?? "", global: false)
        case .longName:
            guard longName == nil else { throw repeated("GNU long name") }
            longName = try PendingMetadata.gnuText(bytes)
        case .longLink:
            guard longLink == nil else { throw repeated("GNU long link") }
            longLink = try PendingMetadata.gnuText(bytes)
        }
    }

    /// Applies what was kept to the entry's own header and judges its kind.
    func apply(to header: TarHeader) throws(ArchiveRefusal) -> RawEntry {
        let name = pax?.path ?? longName ?? header.name
        let label = EntryLabel.text(name)
        guard pax?.path == nil || longName == nil, pax?.linkPath == nil || longLink == nil else {
            throw ArchiveRefusal(.repeatedMetadata, entry: label, "the name is given as a GNU record and a pax record")
        }
        let kind = try PendingMetadata.kind(header.typeFlag, label)
        let isLink = kind == .symlink || kind == .hardLink
        guard isLink || (pax?.linkPath == nil && longLink == nil) else {
            throw ArchiveRefusal(.danglingMetadata, entry: label, "a link target for a \(kind)")
        }
        return RawEntry(
            name: name, kind: kind, size: try size(header, kind, label), mode: header.mode,
            linkName: isLink ? pax?.linkPath ?? longLink ?? header.linkName : [])
    }

    private func size(_ header: TarHeader, _ kind: RawEntry.Kind, _ label: String) throws(ArchiveRefusal) -> UInt64 {
        let size = pax?.size ?? header.size
        if size != header.size, size < PendingMetadata.headerSizeLimit {
            let text = "the header says \(header.size) bytes, its pax record \(size)"
            throw ArchiveRefusal(.sizeDisagrees, entry: label, text)
        }
        guard kind == .file || size == 0 else {
            throw ArchiveRefusal(.sizeDisagrees, entry: label, "a \(kind) with \(size) bytes of content")
        }
        return size
    }

    private static func kind(_ typeFlag: UInt8, _ label: String) throws(ArchiveRefusal) -> RawEntry.Kind {
        switch typeFlag {
        case UInt8(ascii: "0"), 0: return .file
        case UInt8(ascii: "1"): return .hardLink
        case UInt8(ascii: "2"): return .symlink
        case UInt8(ascii: "5"): return .directory
        case UInt8(ascii: "3"): throw ArchiveRefusal(.device, entry: label, "it is a character device")
        case UInt8(ascii: "4"): throw ArchiveRefusal(.device, entry: label, "it is a block device")
        case UInt8(ascii: "6"): throw ArchiveRefusal(.fifo, entry: label, "it is a named pipe")
        case UInt8(ascii: "S"): throw ArchiveRefusal(.sparse, entry: label, "it is a GNU sparse file")
        case UInt8(ascii: "A"), UInt8(ascii: "E"):
            throw ArchiveRefusal(.accessControlList, entry: label, "it is an access control list")
        default:
            let flag = EntryLabel.text([typeFlag])
            throw ArchiveRefusal(.entryType, entry: label, "type '\(flag)' is neither file, directory nor link")
        }
    }

    /// The text of a GNU record: one NUL may end it, none may stand inside it.
    private static func gnuText(_ bytes: [UInt8]) throws(ArchiveRefusal) -> [UInt8] {
        let text = bytes.last == 0 ? Array(bytes.dropLast()) : bytes
        guard !text.contains(0) else {
            throw ArchiveRefusal(.controlCharacter, entry: EntryLabel.text(text), "a NUL stands inside the name")
        }
        return text
    }

    private func repeated(_ what: String) -> ArchiveRefusal {
        ArchiveRefusal(.repeatedMetadata, entry: EntryLabel.text(longName ?? pax?.path ?? []), "a second \(what)")
    }
}
