import CArchive

/// libarchive's view of the stream: tar only, no filter, no disk writer; one thread.
///
/// ARCHIVE_OK and ARCHIVE_EOF are the only successes: WARN and RETRY are answers to bad archives, too.
final class TarReader {
    private let archive: OpaquePointer
    private let stream: CheckedStream

    /// Opens the stream, which must outlive the reader's calls.
    init(_ stream: CheckedStream) throws(ArchiveRefusal) {
        guard let archive = archive_read_new() else {
            throw ArchiveRefusal(.decoderMemory, "libarchive could not start")
        }
        self.archive = archive
        self.stream = stream
        guard archive_read_support_format_tar(archive) == ARCHIVE_OK else { throw failure("starting") }
        let client = Unmanaged.passUnretained(stream).toOpaque()
        let opened = archive_read_open(archive, client, nil, readPiece, nil)
        guard opened == ARCHIVE_OK else { throw failure("opening") }
    }

    deinit { archive_read_free(archive) }

    /// Reads the next header and compares it with the checker's view; nothing at the end.
    func next() throws(ArchiveRefusal) -> AdmittedEntry? {
        var entry: OpaquePointer?
        let result = archive_read_next_header(archive, &entry)
        if result == ARCHIVE_EOF { return nil }
        guard result == ARCHIVE_OK, let entry else { throw failure("reading a header") }
        guard let expected = stream.takeAdmitted() else {
            let name = archive_entry_pathname(entry).map { String(cString: $0) } ?? ""
            throw ArchiveRefusal(.viewsDisagree, entry: EntryLabel.text(Array(name.utf8)), "only libarchive sees it")
        }
        try compare(entry, expected)
        return expected
    }

    /// Hands the current entry's content to `body`, piece by piece and without a gap.
    func content(
        of entry: AdmittedEntry, size: UInt64, _ body: (UnsafeRawBufferPointer) throws(ArchiveRefusal) -> Void
    ) throws(ArchiveRefusal) {
        var total: UInt64 = 0
        while true {
            var pointer: UnsafeRawPointer?
            var count = 0
            var offset: Int64 = 0
            let result = archive_read_data_block(archive, &pointer, &count, &offset)
            if result == ARCHIVE_EOF { break }
            guard result == ARCHIVE_OK else { throw failure("reading the content", entry.label) }
            guard offset == Int64(total) else {
                throw ArchiveRefusal(.sparse, entry: entry.label, "the content has a hole")
            }
            total += UInt64(count)
            try body(UnsafeRawBufferPointer(start: pointer, count: count))
        }
        guard total == size else {
            throw ArchiveRefusal(.sizeDisagrees, entry: entry.label, "\(total) bytes of content, \(size) announced")
        }
    }

    private func compare(_ entry: OpaquePointer, _ expected: AdmittedEntry) throws(ArchiveRefusal) {
        let raw = expected.raw
        let link = raw.kind == .hardLink ? archive_entry_hardlink(entry) : archive_entry_symlink(entry)
        // libarchive turns a pax name into NFC; canonical equivalence is how String compares.
        guard same(archive_entry_pathname(entry), raw.name) else { throw disagreement(expected, "name") }
        guard kind(of: entry) == raw.kind else { throw disagreement(expected, "kind") }
        guard raw.kind != .file || archive_entry_size(entry) == Int64(raw.size) else {
            throw disagreement(expected, "size")
        }
        guard raw.linkName.isEmpty || same(link, raw.linkName) else { throw disagreement(expected, "link target") }
        guard archive_entry_sparse_count(entry) == 0 else {
            throw ArchiveRefusal(.sparse, entry: expected.label, "libarchive sees a sparse file")
        }
        guard archive_entry_acl_types(entry) == 0 else {
            throw ArchiveRefusal(.accessControlList, entry: expected.label, "libarchive sees an access control list")
        }
        guard archive_entry_xattr_count(entry) == 0 else {
            throw ArchiveRefusal(.extendedAttribute, entry: expected.label, "libarchive sees an extended attribute")
        }
    }

    private func same(_ text: UnsafePointer<CChar>?, _ bytes: [UInt8]) -> Bool {
        guard let text else { return false }
        return String(cString: text) == String(decoding: bytes, as: UTF8.self)
    }

    private func kind(of entry: OpaquePointer) -> RawEntry.Kind? {
        if archive_entry_hardlink(entry) != nil { return .hardLink }
        switch archive_entry_filetype(entry) & aurora_type_mask {
        case aurora_type_file: return .file
        case aurora_type_directory: return .directory
        case aurora_type_symlink: return .symlink
        default: return nil
        }
    }

    private func disagreement(_ entry: AdmittedEntry, _ what: String) -> ArchiveRefusal {
        ArchiveRefusal(.viewsDisagree, entry: entry.label, "libarchive reads another \(what) than the headers state")
    }

    /// The checker's refusal when there is one, else libarchive's own words.
    private func failure(_ doing: String, _ label: String = "") -> ArchiveRefusal {
        if let refusal = stream.refusal { return refusal }
        let text = archive_error_string(archive).map { String(cString: $0) } ?? "no reason given"
        return ArchiveRefusal(.corrupt, entry: label, "libarchive, \(doing): \(text)")
    }
}

/// libarchive's read callback: a piece of the checked stream, 0 at its end, -30 (fatal) when it was refused.
private func readPiece(
    _ archive: OpaquePointer?, _ client: UnsafeMutableRawPointer?, _ piece: UnsafeMutablePointer<UnsafeRawPointer?>?
) -> Int {
    guard let client, let piece else { return Int(ARCHIVE_FATAL) }
    let stream = Unmanaged<CheckedStream>.fromOpaque(client).takeUnretainedValue()
    do {
        let bytes = try stream.next()
        piece.pointee = bytes.baseAddress
        return bytes.count
    } catch {
        return Int(ARCHIVE_FATAL)
    }
}
