import CArchive

/// The one decoded stream that both readers see: the structural checker first, then libarchive.
///
/// The checker and the policy are always ahead of libarchive, so an entry's name is judged before libarchive has seen
/// its header. The first refusal is kept, because libarchive's callback can only say that something failed.
final class CheckedStream {
    private static let capacity = 256 << 10

    private let source: ArtifactSource
    private let decoder: any Decoder
    private let isCompressed: Bool
    private let limits: ArchiveLimits
    private let buffer: UnsafeMutableRawBufferPointer
    private var checker: TarStructureChecker
    private var admitted: [AdmittedEntry] = []
    private var nextAdmitted = 0
    private var decoded: UInt64 = 0

    private(set) var policy: EntryPolicy
    private(set) var refusal: ArchiveRefusal?

    init(descriptor: Int32, limits: ArchiveLimits) throws(ArchiveRefusal) {
        source = ArtifactSource(descriptor: descriptor)
        self.limits = limits
        let magic = try source.peek(ArchiveFormat.magicBytes)
        guard !magic.isEmpty else { throw ArchiveRefusal(.emptyArchive, "the artifact has no bytes") }
        guard let format = ArchiveFormat(magic: magic) else {
            throw ArchiveRefusal(.unknownFormat, "neither tar nor tar behind gzip, zstd or xz")
        }
        isCompressed = format != .tar
        decoder = try format.makeDecoder(source)
        buffer = .allocate(byteCount: CheckedStream.capacity, alignment: 16)
        checker = TarStructureChecker(limits: limits)
        policy = EntryPolicy(limits: limits)
    }

    deinit { buffer.deallocate() }

    /// Decodes and checks the next piece; empty at the end.
    ///
    /// Valid until the next call.
    func next() throws(ArchiveRefusal) -> UnsafeRawBufferPointer {
        do {
            let count = try decoder.read(into: buffer)
            let piece = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            decoded += UInt64(count)
            try checkRatio()
            try check(piece)
            // Judged before libarchive hears of the end, so that the refusal is ours and names the rule.
            if piece.isEmpty { try checker.finish() }
            return piece
        } catch {
            let named = error.entry.isEmpty ? checker.currentEntry : error.entry
            let first = refusal ?? ArchiveRefusal(error.rule, entry: named, error.detail)
            refusal = first
            throw first
        }
    }

    /// Reads on to the end of the artifact and judges it.
    func drain() throws(ArchiveRefusal) {
        while try !next().isEmpty {}
        guard nextAdmitted == admitted.count else {
            throw ArchiveRefusal(.viewsDisagree, entry: admitted[nextAdmitted].label, "libarchive does not see it")
        }
        guard policy.entries > 0 else { throw ArchiveRefusal(.emptyArchive, "there is nothing in the archive") }
    }

    /// The entry that libarchive must see next, in the checker's view.
    func takeAdmitted() -> AdmittedEntry? {
        guard nextAdmitted < admitted.count else { return nil }
        defer { nextAdmitted += 1 }
        return admitted[nextAdmitted]
    }

    private func check(_ piece: UnsafeRawBufferPointer) throws(ArchiveRefusal) {
        // What libarchive has taken is no longer needed: the list never holds more than one piece's headers.
        admitted.removeFirst(nextAdmitted)
        nextAdmitted = 0
        try checker.feed(
            piece,
            metadata: { (count) throws(ArchiveRefusal) in try policy.charge(metadata: count) },
            emit: { (raw) throws(ArchiveRefusal) in admitted.append(try policy.admit(raw)) })
    }

    private func checkRatio() throws(ArchiveRefusal) {
        guard isCompressed, decoded > ArchiveLimits.ratioFloor else { return }
        let (allowed, overflow) = source.consumed.multipliedReportingOverflow(by: limits.ratio)
        guard overflow || decoded <= allowed else {
            throw ArchiveRefusal(
                .ratio, "\(decoded) bytes came out of \(source.consumed), more than \(limits.ratio) to 1")
        }
    }
}
