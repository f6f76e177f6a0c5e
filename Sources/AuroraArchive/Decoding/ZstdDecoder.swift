import CArchive

/// One zstd frame through libzstd, which verifies the content checksum where the frame has one (RFC 8878 §3.1.1).
final class ZstdDecoder: Decoder {
    /// Base-2 logarithm of the largest window: 128 MiB, what `zstd --ultra -22` asks for.
    private static let windowLog: Int32 = 27

    private let source: ArtifactSource
    private let context: OpaquePointer
    private var isDone = false

    init(source: ArtifactSource) throws(ArchiveRefusal) {
        self.source = source
        guard let context = ZSTD_createDCtx() else { throw ArchiveRefusal(.decoderMemory, "libzstd could not start") }
        self.context = context
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, ZstdDecoder.windowLog)
    }

    deinit { ZSTD_freeDCtx(context) }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveRefusal) -> Int {
        guard !isDone else { return 0 }
        var output = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
        while output.pos < output.size {
            let bytes = try source.available()
            var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
            let before = output.pos
            let result = ZSTD_decompressStream(context, &output, &input)
            source.take(input.pos)
            if ZSTD_isError(result) != 0 { throw refusal(result) }
            if result == 0 {
                isDone = true
                try source.requireEnd(after: .tarZstd)
                break
            }
            if bytes.isEmpty, output.pos == before { throw ArchiveRefusal(.truncated, "the zstd frame ends early") }
        }
        return output.pos
    }

    private func refusal(_ result: Int) -> ArchiveRefusal {
        let text = "zstd: " + String(cString: ZSTD_getErrorName(result))
        switch ZSTD_getErrorCode(result) {
        case ZSTD_error_checksum_wrong: return ArchiveRefusal(.badChecksum, text)
        case ZSTD_error_frameParameter_windowTooLarge, ZSTD_error_memory_allocation:
            return ArchiveRefusal(.decoderMemory, text)
        default: return ArchiveRefusal(.corrupt, text)
        }
    }
}
