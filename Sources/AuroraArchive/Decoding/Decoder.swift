/// Turns the artifact's bytes into tar bytes; one thread at a time.
///
/// Each decoder ends exactly at the end of the first member, verifies the member's own checks, and refuses what
/// follows. libarchive's filters do neither for gzip and join members silently, so they are not used.
protocol Decoder: AnyObject {
    /// Fills the front of `buffer`; 0 means the end, after every check passed.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveRefusal) -> Int
}

/// Plain tar: nothing to decode.
final class PlainDecoder: Decoder {
    private let source: ArtifactSource

    init(source: ArtifactSource) { self.source = source }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveRefusal) -> Int {
        let bytes = try source.available().prefix(buffer.count)
        buffer.copyBytes(from: bytes)
        source.take(bytes.count)
        return bytes.count
    }
}

extension ArchiveFormat {
    /// A decoder for this format that reads from `source`.
    func makeDecoder(_ source: ArtifactSource) throws(ArchiveRefusal) -> any Decoder {
        switch self {
        case .tar: PlainDecoder(source: source)
        case .tarGzip: try GzipDecoder(source: source)
        case .tarZstd: try ZstdDecoder(source: source)
        case .tarXz: try XzDecoder(source: source)
        }
    }
}
