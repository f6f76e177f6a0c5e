/// libFuzzer target: the structural checker and every rule about names, on any bytes, in pieces of any size.
///
/// It must never trap, and cutting the stream in another place must not change what it says. See Fuzz/run.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTarStructure(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 1 else { return 0 }
    let stream = Array(UnsafeBufferPointer(start: bytes + 1, count: count - 1))
    let whole = walk(stream, piece: stream.count)
    let pieces = walk(stream, piece: Int(bytes[0]) + 1)
    precondition(whole.entries == pieces.entries && whole.rule == pieces.rule, "the cut changed the verdict")
    return 0
}

private func walk(_ stream: [UInt8], piece: Int) -> (entries: Int, rule: ArchiveRule?) {
    let limits = ArchiveLimits(unpackedBytes: 1 << 20, entries: 100, metadataBytes: 4096)
    var checker = TarStructureChecker(limits: limits)
    var policy = EntryPolicy(limits: limits)
    do throws(ArchiveRefusal) {
        var start = 0
        while start < stream.count {
            let part = Array(stream[start..<min(start + piece, stream.count)])
            try part.withUnsafeBufferPointer { (buffer) throws(ArchiveRefusal) in
                try checker.feed(
                    UnsafeRawBufferPointer(buffer),
                    metadata: { (count) throws(ArchiveRefusal) in try policy.charge(metadata: count) },
                    emit: { (raw) throws(ArchiveRefusal) in _ = try policy.admit(raw) })
            }
            start += piece
        }
        try checker.finish()
    } catch {
        precondition(!error.description.contains("\n"), "a refusal of two lines")
        return (policy.entries, error.rule)
    }
    return (policy.entries, nil)
}
