import Glibc

/// Where an answer's body goes.
struct DownloadSink {
    /// The body where it is kept in memory.
    private(set) var memory: [UInt8] = []
    private(set) var wasEndedByReader = false
    private var lines = LineSplitter()
    private var file: PartialFile?
    private let kind: ClientDownload
    private var limit: Int?
    private var fileError: FetchError?

    /// Opens the file of a file download.
    init(_ kind: ClientDownload) throws(FetchError) {
        self.kind = kind
        if case .file(let path, let resume, let ifRange, _) = kind {
            file = try PartialFile(path: path, resume: resume, ifRange: ifRange)
        }
    }

    /// Fields that ask for the rest of a file.
    var resumeHeaders: [(name: String, value: String)] { file?.resumeHeaders ?? [] }

    /// Takes the next bytes; `false` ends the request.
    mutating func take(
        _ bytes: UnsafeRawBufferPointer, status: Int, headers: [(name: String, value: String)]
    ) -> Bool {
        switch kind {
        case .memory(let limit):
            return keep(bytes, limit: limit)
        case .lines(let receive) where (200...299).contains(status):
            guard lines.take(bytes, each: receive) else {
                wasEndedByReader = !lines.isOverlong
                if lines.isOverlong { limit = LineSplitter.longestLine }
                return false
            }
            return true
        case .file where status == 200 || status == 206:
            do {
                try file?.write(bytes, status: status, headers: headers)
                return true
            } catch {
                fileError = error
                return false
            }
        case .lines, .file:
            return keep(bytes, limit: 1024 * 1024)
        }
    }

    private mutating func keep(_ bytes: UnsafeRawBufferPointer, limit: Int) -> Bool {
        guard memory.count + bytes.count <= limit else {
            self.limit = limit
            return false
        }
        memory.append(contentsOf: bytes)
        return true
    }

    /// Why the body could not be kept.
    func failure(doing: String) -> FetchError? {
        if let fileError { return fileError }
        return limit.map { .tooLarge(limit: $0, doing: doing) }
    }

    /// Hands on a last line without an end.
    mutating func finish() throws(FetchError) {
        if case .lines(let receive) = kind, !wasEndedByReader {
            lines.flush(each: receive)
        }
    }

    /// Tells the caller how far it is.
    func report(_ done: UInt64, total: UInt64?, status: Int) -> Bool {
        guard case .file(_, _, _, let progress?) = kind, status == 200 || status == 206 else { return true }
        let before = status == 206 ? file?.resumedAt ?? 0 : 0
        return progress(before + done, total.map { before + $0 })
    }
}

/// Cuts bytes into lines of text.
struct LineSplitter {
    /// The longest line taken, in bytes.
    static let longestLine = 4 * 1024 * 1024
    private(set) var isOverlong = false
    private var rest: [UInt8] = []

    /// Hands on every complete line; `false` when the receiver has enough or a line is too long.
    mutating func take(_ bytes: UnsafeRawBufferPointer, each receive: (String) -> Bool) -> Bool {
        var start = bytes.startIndex
        while let end = bytes[start...].firstIndex(of: 0x0A) {
            rest.append(contentsOf: bytes[start..<end])
            start = end + 1
            guard deliver(receive) else { return false }
        }
        rest.append(contentsOf: bytes[start...])
        isOverlong = rest.count > Self.longestLine
        return !isOverlong
    }

    /// Hands on what is left.
    mutating func flush(each receive: (String) -> Bool) {
        if !rest.isEmpty { _ = deliver(receive) }
    }

    private mutating func deliver(_ receive: (String) -> Bool) -> Bool {
        if rest.last == 0x0D { rest.removeLast() }
        let line = String(decoding: rest, as: UTF8.self)
        rest.removeAll(keepingCapacity: true)
        return receive(line)
    }
}
