import CArchive
import Glibc

/// Writes one tar archive (ustar, with pax records where a name or size needs them) that ``ArchiveUnpacker`` takes.
///
/// Every entry is judged by the unpacker's rules before it is written, so that what was written can be unpacked again.
/// Owners and times are not written: the same tree makes the same bytes. One thread; nothing is synced.
package final class TarWriter {
    private let archive: OpaquePointer
    private var policy: EntryPolicy

    /// Writes an archive to `file` from its offset on; `body` adds the entries.
    ///
    /// Uses the calling thread's locale, which is UTF-8 for the call's duration, so that libarchive can write pax names.
    ///
    /// - Throws: ``ArchiveRefusal`` with the rule that an entry breaks, or `disk-full` and `cannot-write`; the file then
    ///   holds half an archive.
    package static func write(
        to file: Int32, limits: ArchiveLimits = ArchiveLimits(),
        _ body: (TarWriter) throws(ArchiveRefusal) -> Void
    ) throws(ArchiveRefusal) {
        guard let utf8 = aurora_utf8_locale() else {
            throw ArchiveRefusal(.cannotWrite, "the locale C.UTF-8 is missing; install libc-bin")
        }
        let previous = uselocale(utf8)
        defer {
            uselocale(previous)
            freelocale(utf8)
        }
        let writer = try TarWriter(file, limits)
        try body(writer)
        guard archive_write_close(writer.archive) == ARCHIVE_OK else { throw writer.failure("ending the archive", "") }
    }

    private init(_ file: Int32, _ limits: ArchiveLimits) throws(ArchiveRefusal) {
        guard let archive = archive_write_new() else {
            throw ArchiveRefusal(.cannotWrite, "libarchive could not start")
        }
        self.archive = archive
        policy = EntryPolicy(limits: limits)
        guard archive_write_set_format_pax_restricted(archive) == ARCHIVE_OK,
            archive_write_open_fd(archive, file) == ARCHIVE_OK
        else { throw failure("starting", "") }
    }

    deinit { archive_write_free(archive) }

    /// Adds a folder.
    package func add(folder name: String) throws(ArchiveRefusal) {
        try begin(.folder(name))
    }

    /// Adds a symbolic link.
    package func add(link name: String, to target: String) throws(ArchiveRefusal) {
        try begin(.link(name, to: target))
    }

    /// Adds a file with this content.
    package func add(file name: String, _ content: [UInt8]) throws(ArchiveRefusal) {
        try begin(.file(name, size: UInt64(content.count)))
        try content.withUnsafeBufferPointer { (bytes) throws(ArchiveRefusal) in
            try put(UnsafeRawBufferPointer(bytes), name)
        }
    }

    /// Adds a file with what can be read from a descriptor, which must be exactly `size` bytes.
    package func add(
        file name: String, from source: Int32, size: UInt64, isExecutable: Bool
    ) throws(ArchiveRefusal) {
        try begin(.file(name, size: size, isExecutable: isExecutable))
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
        defer { buffer.deallocate() }
        var left = size
        while true {
            let count = Glibc.read(source, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw ArchiveRefusal(.cannotRead, entry: name, "reading: \(String(cString: strerror(errno)))")
            }
            if count == 0 { break }
            guard UInt64(count) <= left else { throw changed(name) }
            left -= UInt64(count)
            try put(UnsafeRawBufferPointer(rebasing: buffer[..<count]), name)
        }
        guard left == 0 else { throw changed(name) }
    }

    private func changed(_ name: String) -> ArchiveRefusal {
        ArchiveRefusal(.cannotRead, entry: name, "it changed while it was read")
    }

    private func begin(_ raw: RawEntry) throws(ArchiveRefusal) {
        _ = try policy.admit(raw)
        guard let entry = archive_entry_new() else { throw ArchiveRefusal(.cannotWrite, "no memory is left") }
        defer { archive_entry_free(entry) }
        let name = String(decoding: raw.name, as: UTF8.self)
        archive_entry_copy_pathname(entry, name)
        archive_entry_set_size(entry, Int64(raw.size))
        archive_entry_set_perm(entry, mode_t(raw.mode))
        archive_entry_set_mtime(entry, 0, 0)
        switch raw.kind {
        case .file, .hardLink: archive_entry_set_filetype(entry, aurora_type_file)
        case .directory: archive_entry_set_filetype(entry, aurora_type_directory)
        case .symlink:
            archive_entry_set_filetype(entry, aurora_type_symlink)
            archive_entry_copy_symlink(entry, String(decoding: raw.linkName, as: UTF8.self))
        }
        // A warning says that a name was not written as it is: that is a failure here.
        guard archive_write_header(archive, entry) == ARCHIVE_OK else { throw failure("writing a header", name) }
    }

    private func put(_ bytes: UnsafeRawBufferPointer, _ name: String) throws(ArchiveRefusal) {
        guard !bytes.isEmpty else { return }
        guard archive_write_data(archive, bytes.baseAddress, bytes.count) == bytes.count else {
            throw failure("writing", name)
        }
    }

    private func failure(_ doing: String, _ entry: String) -> ArchiveRefusal {
        let isFull = [ENOSPC, EDQUOT, EFBIG].contains(archive_errno(archive))
        let text = archive_error_string(archive).map { String(cString: $0) } ?? "no reason given"
        return ArchiveRefusal(
            isFull ? .diskFull : .cannotWrite, entry: EntryLabel.text(Array(entry.utf8)),
            "libarchive, \(doing): \(text)")
    }
}
