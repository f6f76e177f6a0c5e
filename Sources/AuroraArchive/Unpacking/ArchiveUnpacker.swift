import CArchive

/// What a successful unpacking made.
package struct UnpackSummary: Hashable, Sendable {
    /// Entries of the archive, the tree's own directory not counted.
    package var entries: Int
    /// Bytes written into files.
    package var bytes: UInt64

    /// Makes a summary.
    package init(entries: Int = 0, bytes: UInt64 = 0) {
        self.entries = entries
        self.bytes = bytes
    }
}

/// Unpacks one artifact into one empty directory, or refuses it as a whole.
///
/// Meant to run in a child without rights (`aurora internal unpack`). On a refusal the directory holds what was made
/// before it; the caller throws the directory away.
package enum ArchiveUnpacker {
    /// Reads the artifact from offset 0 of one descriptor and makes its tree below the other.
    ///
    /// Files get mode 0644 or 0755 by their execute bit, directories 0755; owners, times and extended attributes are
    /// not kept. Nothing is synced. The descriptors stay the caller's. Uses the calling thread's locale, which is
    /// UTF-8 for the call's duration, so that libarchive can read pax names.
    ///
    /// - Throws: ``ArchiveRefusal`` with the first rule that was broken.
    package static func unpack(
        artifact: Int32, into directory: Int32, limits: ArchiveLimits = ArchiveLimits()
    ) throws(ArchiveRefusal) -> UnpackSummary {
        guard let utf8 = aurora_utf8_locale() else {
            throw ArchiveRefusal(.cannotRead, "the locale C.UTF-8 is missing; install libc-bin")
        }
        let previous = uselocale(utf8)
        defer {
            uselocale(previous)
            freelocale(utf8)
        }
        let stream = try CheckedStream(descriptor: artifact, limits: limits)
        let writer = try TreeWriter(root: directory)
        return try unpack(stream, with: writer)
    }

    private static func unpack(
        _ stream: CheckedStream, with writer: TreeWriter
    ) throws(ArchiveRefusal) -> UnpackSummary {
        let reader = try TarReader(stream)
        var summary = UnpackSummary()
        while let entry = try reader.next() {
            if !entry.path.isEmpty { summary.entries += 1 }
            guard case .file(let size, let executable) = entry.content else {
                try writer.make(entry)
                continue
            }
            try writer.makeFile(entry, executable: executable) { (write) throws(ArchiveRefusal) in
                try reader.content(of: entry, size: size, write)
            }
            summary.bytes += size
        }
        try stream.drain()
        return summary
    }
}
