/// Walks the 512-byte blocks of a tar stream and refuses every structure that libarchive would pass over in silence.
///
/// It extracts nothing. It exists because libarchive hides what matters here: repeated pax keys, a missing end marker,
/// bytes after it, lenient header fields, and names that other programs would read differently. Each entry it emits
/// must later be seen by libarchive with the same name, kind and size.
///
/// Feed it the stream in pieces of any size, then call ``finish()``. Memory is bounded by
/// ``ArchiveLimits/metadataBytes``.
package struct TarStructureChecker {
    private enum State {
        case header
        case content(UInt64)
        case metadata(MetadataKind, remaining: Int, padding: Int)
        case endMarker
        case ended(padding: UInt64)
    }

    private let limits: ArchiveLimits
    private var state = State.header
    private var block: [UInt8] = []
    private var pending = PendingMetadata()
    private var collected: [UInt8] = []
    private var lastName: [UInt8] = []

    /// Makes a checker for one archive.
    package init(limits: ArchiveLimits) {
        self.limits = limits
        block.reserveCapacity(TarHeader.size)
    }

    /// The entry the stream is in, for messages about the stream itself.
    var currentEntry: String { EntryLabel.text(lastName) }

    /// Takes the next bytes and calls `emit` for each entry whose header ends in them.
    ///
    /// - Parameters:
    ///   - bytes: any number of them; entries and blocks may end anywhere in between.
    ///   - metadata: told the length of each metadata record before it is kept.
    ///   - emit: told each entry before its content; what it throws ends the reading.
    package mutating func feed(
        _ bytes: UnsafeRawBufferPointer, metadata: (Int) throws(ArchiveRefusal) -> Void,
        emit: (RawEntry) throws(ArchiveRefusal) -> Void
    ) throws(ArchiveRefusal) {
        var rest = bytes[...]
        while !rest.isEmpty {
            switch state {
            case .content(let left):
                let taken = Int(clamping: min(left, UInt64(rest.count)))
                rest = rest.dropFirst(taken)
                state = left == UInt64(taken) ? .header : .content(left - UInt64(taken))
            case .metadata(let kind, let remaining, let padding):
                try collect(kind, remaining, padding, &rest)
            case .header, .endMarker, .ended:
                guard let whole = nextBlock(&rest) else { return }
                try whole.withUnsafeBufferPointer { (block) throws(ArchiveRefusal) in
                    try take(UnsafeRawBufferPointer(block), metadata: metadata, emit: emit)
                }
            }
        }
    }

    /// Judges the end of the stream; without this call a truncated archive would pass.
    package func finish() throws(ArchiveRefusal) {
        guard block.isEmpty else { throw ArchiveRefusal(.truncated, entry: currentEntry, "a part of a block is left") }
        switch state {
        case .ended: return
        case .endMarker: throw ArchiveRefusal(.missingEndMarker, "one block of zeros at the end, two are needed")
        case .content, .metadata:
            throw ArchiveRefusal(.truncated, entry: currentEntry, "the archive ends inside this entry")
        case .header:
            throw lastName.isEmpty
                ? ArchiveRefusal(.emptyArchive, "there is nothing in the archive")
                : ArchiveRefusal(.missingEndMarker, "the archive does not end with two blocks of zeros")
        }
    }

    /// Gathers 512 bytes, over the pieces' borders where need be.
    private mutating func nextBlock(_ rest: inout Slice<UnsafeRawBufferPointer>) -> [UInt8]? {
        let taken = rest.prefix(TarHeader.size - block.count)
        block.append(contentsOf: taken)
        rest = rest.dropFirst(taken.count)
        guard block.count == TarHeader.size else { return nil }
        defer { block.removeAll(keepingCapacity: true) }
        return block
    }

    private mutating func take(
        _ block: UnsafeRawBufferPointer, metadata: (Int) throws(ArchiveRefusal) -> Void,
        emit: (RawEntry) throws(ArchiveRefusal) -> Void
    ) throws(ArchiveRefusal) {
        let isZero = block.allSatisfy { $0 == 0 }
        switch state {
        case .ended(let padding):
            try checkPadding(block, isZero, padding)
        case .endMarker:
            guard isZero else {
                throw ArchiveRefusal(.missingEndMarker, "a single block of zeros stands between entries")
            }
            state = .ended(padding: 0)
        default:
            guard !isZero else { return try beginEnd() }
            try takeHeader(try TarHeader(block), metadata: metadata, emit: emit)
        }
    }

    private mutating func beginEnd() throws(ArchiveRefusal) {
        guard pending.isEmpty else {
            throw ArchiveRefusal(.danglingMetadata, entry: currentEntry, "metadata for an entry that does not follow")
        }
        state = .endMarker
    }

    private mutating func checkPadding(
        _ block: UnsafeRawBufferPointer, _ isZero: Bool, _ padding: UInt64
    ) throws(ArchiveRefusal) {
        guard isZero else {
            throw TarHeader.looksLikeHeader(block)
                ? ArchiveRefusal(.secondArchive, "a second archive follows the end marker")
                : ArchiveRefusal(.trailingData, "data follows the end marker")
        }
        guard padding + UInt64(block.count) <= ArchiveLimits.paddingBytes else {
            throw ArchiveRefusal(.trailingData, "more than \(ArchiveLimits.paddingBytes) bytes of padding")
        }
        state = .ended(padding: padding + UInt64(block.count))
    }

    private mutating func takeHeader(
        _ header: TarHeader, metadata: (Int) throws(ArchiveRefusal) -> Void,
        emit: (RawEntry) throws(ArchiveRefusal) -> Void
    ) throws(ArchiveRefusal) {
        if let kind = MetadataKind(typeFlag: header.typeFlag) {
            guard header.size <= UInt64(limits.metadataBytes) else {
                let text = "a metadata record of \(header.size) bytes, \(limits.metadataBytes) allowed"
                throw ArchiveRefusal(.metadataTooLarge, entry: EntryLabel.text(header.name), text)
            }
            try metadata(Int(header.size) + TarHeader.size)
            collected = []
            let padding = Int(TarStructureChecker.padding(after: header.size))
            state = .metadata(kind, remaining: Int(header.size), padding: padding)
            if header.size == 0 { try keep(kind) }
            return
        }
        let entry = try pending.apply(to: header)
        pending = PendingMetadata()
        lastName = entry.name.isEmpty ? [UInt8(ascii: "?")] : entry.name
        try emit(entry)
        let (length, overflow) = entry.size.addingReportingOverflow(TarStructureChecker.padding(after: entry.size))
        guard !overflow else { throw ArchiveRefusal(.corrupt, entry: currentEntry, "the size is beyond any file") }
        state = length == 0 ? .header : .content(length)
    }

    private mutating func collect(
        _ kind: MetadataKind, _ remaining: Int, _ padding: Int, _ rest: inout Slice<UnsafeRawBufferPointer>
    ) throws(ArchiveRefusal) {
        let taken = rest.prefix(remaining)
        collected.append(contentsOf: taken)
        rest = rest.dropFirst(taken.count)
        guard taken.count == remaining else {
            state = .metadata(kind, remaining: remaining - taken.count, padding: padding)
            return
        }
        state = padding == 0 ? .header : .content(UInt64(padding))
        try keep(kind)
    }

    private mutating func keep(_ kind: MetadataKind) throws(ArchiveRefusal) {
        if case .metadata = state { state = .header }
        try pending.keep(kind, collected)
        collected = []
    }

    private static func padding(after size: UInt64) -> UInt64 {
        let part = size % UInt64(TarHeader.size)
        return part == 0 ? 0 : UInt64(TarHeader.size) - part
    }
}
