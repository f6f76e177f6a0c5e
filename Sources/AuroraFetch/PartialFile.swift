import Glibc

/// A file being filled by a download, perhaps continued from an earlier one.
final class PartialFile {
    /// The size it had when a resumed download began.
    let resumedAt: UInt64
    private let path: String
    private let descriptor: Int32
    private let ifRange: String?
    private var isPositioned = false

    /// Opens or makes the file, readable by its owner only when new.
    init(path: String, resume: Bool, ifRange: String?) throws(FetchError) {
        let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard opened >= 0 else { throw .file(path: path, operation: "opening", code: errno) }
        var information = stat()
        guard fstat(opened, &information) == 0 else {
            let code = errno
            close(opened)
            throw .file(path: path, operation: "reading", code: code)
        }
        self.path = path
        self.ifRange = ifRange
        descriptor = opened
        resumedAt = resume ? UInt64(max(0, information.st_size)) : 0
    }

    deinit {
        close(descriptor)
    }

    /// `Range` and `If-Range`, where there is something to continue.
    var resumeHeaders: [(name: String, value: String)] {
        guard resumedAt > 0 else { return [] }
        let range = [(name: "Range", value: "bytes=\(resumedAt)-")]
        return ifRange.map { range + [(name: "If-Range", value: $0)] } ?? range
    }

    /// Writes the next bytes where the answer says they belong: 206 continues, 200 starts again.
    func write(
        _ bytes: UnsafeRawBufferPointer, status: Int, headers: [(name: String, value: String)]
    ) throws(FetchError) {
        if !isPositioned {
            try position(status: status, headers: headers)
            isPositioned = true
        }
        var rest = bytes[...]
        while !rest.isEmpty {
            let slice = UnsafeRawBufferPointer(rebasing: rest)
            let count = Glibc.write(descriptor, slice.baseAddress, slice.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw .file(path: path, operation: "writing", code: errno) }
            rest = rest.dropFirst(count)
        }
    }

    private func position(status: Int, headers: [(name: String, value: String)]) throws(FetchError) {
        var start: UInt64 = 0
        if status == 206 {
            let range = headers.first { $0.name.lowercased() == "content-range" }?.value ?? ""
            guard range.hasPrefix("bytes \(resumedAt)-") else {
                throw .request("the server answered with another range ('\(range.prefix(60))') than was asked for")
            }
            start = resumedAt
        }
        guard ftruncate(descriptor, off_t(start)) == 0, lseek(descriptor, off_t(start), SEEK_SET) >= 0 else {
            throw .file(path: path, operation: "writing", code: errno)
        }
    }
}
