import CArchive

/// One xz stream through liblzma, which verifies the CRC of headers, index and content.
final class XzDecoder: Decoder {
    /// LZMA_TELL_UNSUPPORTED_CHECK, a macro with a cast: a stream whose check cannot be verified is an error.
    private static let tellUnsupportedCheck: UInt32 = 0x02

    private let source: ArtifactSource
    // liblzma keeps a pointer to the structure, so it needs one address for life.
    private let stream: UnsafeMutablePointer<lzma_stream>
    private var isDone = false

    init(source: ArtifactSource) throws(ArchiveRefusal) {
        self.source = source
        stream = .allocate(capacity: 1)
        // All zero is LZMA_STREAM_INIT. Without LZMA_CONCATENATED the decoder ends at the first stream's end.
        stream.initialize(to: lzma_stream())
        guard lzma_stream_decoder(stream, ArchiveLimits.decoderBytes, XzDecoder.tellUnsupportedCheck) == LZMA_OK else {
            stream.deallocate()
            throw ArchiveRefusal(.decoderMemory, "liblzma could not start")
        }
    }

    deinit {
        lzma_end(stream)
        stream.deallocate()
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveRefusal) -> Int {
        guard !isDone else { return 0 }
        stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = buffer.count
        while stream.pointee.avail_out > 0 {
            let input = try source.available()
            stream.pointee.next_in = UnsafePointer(input.baseAddress?.assumingMemoryBound(to: UInt8.self))
            stream.pointee.avail_in = input.count
            let result = lzma_code(stream, input.isEmpty ? LZMA_FINISH : LZMA_RUN)
            source.take(input.count - stream.pointee.avail_in)
            if result == LZMA_STREAM_END {
                isDone = true
                try source.requireEnd(after: .tarXz)
                break
            }
            guard result == LZMA_OK else { throw refusal(result, atEnd: input.isEmpty) }
        }
        return buffer.count - stream.pointee.avail_out
    }

    private func refusal(_ result: lzma_ret, atEnd: Bool) -> ArchiveRefusal {
        switch result {
        case LZMA_MEM_ERROR, LZMA_MEMLIMIT_ERROR:
            ArchiveRefusal(.decoderMemory, "xz would need more than \(ArchiveLimits.decoderBytes) bytes of memory")
        case LZMA_BUF_ERROR where atEnd: ArchiveRefusal(.truncated, "the xz stream ends early")
        // liblzma has one code for wrong checks and for damaged data.
        case LZMA_DATA_ERROR: ArchiveRefusal(.badChecksum, "xz: damaged data or a wrong check")
        case LZMA_UNSUPPORTED_CHECK: ArchiveRefusal(.corrupt, "xz: a kind of check that is not supported")
        default: ArchiveRefusal(.corrupt, "xz: code \(result.rawValue)")
        }
    }
}
