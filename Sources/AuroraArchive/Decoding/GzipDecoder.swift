import CArchive

/// One gzip member through zlib, which verifies the CRC-32, the length and the header (RFC 1952 §2.3.1).
final class GzipDecoder: Decoder {
    private let source: ArtifactSource
    // zlib keeps a pointer to the structure, so it needs one address for life.
    private let stream: UnsafeMutablePointer<z_stream>
    private var isDone = false

    init(source: ArtifactSource) throws(ArchiveRefusal) {
        self.source = source
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard aurora_gzip_open(stream) == Z_OK else {
            stream.deallocate()
            throw ArchiveRefusal(.decoderMemory, "zlib could not start")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveRefusal) -> Int {
        guard !isDone else { return 0 }
        stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(buffer.count)
        while stream.pointee.avail_out > 0 {
            let input = try source.available()
            stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_in = UInt32(input.count)
            let result = inflate(stream, Z_NO_FLUSH)
            source.take(input.count - Int(stream.pointee.avail_in))
            if result == Z_STREAM_END {
                isDone = true
                try source.requireEnd(after: .tarGzip)
                break
            }
            guard result == Z_OK || (result == Z_BUF_ERROR && !input.isEmpty) else {
                throw refusal(result, atEnd: input.isEmpty)
            }
        }
        return buffer.count - Int(stream.pointee.avail_out)
    }

    private func refusal(_ result: Int32, atEnd: Bool) -> ArchiveRefusal {
        if result == Z_MEM_ERROR { return ArchiveRefusal(.decoderMemory, "zlib is out of memory") }
        let text = stream.pointee.msg.map { String(cString: $0) } ?? "code \(result)"
        if atEnd { return ArchiveRefusal(.truncated, "the gzip member ends early") }
        let isCheck = text.hasSuffix("check") || text.contains("crc")
        return ArchiveRefusal(isCheck ? .badChecksum : .corrupt, "gzip: \(text)")
    }
}
