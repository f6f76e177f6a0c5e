import AuroraArchive
import HostileArchives
import Testing

@Suite("The structural checker")
struct StructureCheckerTests {
    /// What a walk of a whole stream gives: the entries, and the rule that ended it.
    private struct Walk: Equatable {
        var entries: [RawEntry] = []
        var rule: ArchiveRule?
    }

    @Test("sees the same however the stream is cut", arguments: [1, 7, 511, 512, 513, 4096])
    func pieces(_ size: Int) throws {
        for archive in HostileArchives.container + HostileArchives.metadata where archive.name.hasPrefix("a") {
            let bytes = try archive.make()
            guard bytes.count < 100_000 else { continue }
            #expect(walk(bytes, piece: size) == walk(bytes, piece: bytes.count + 1), "\(archive.name)")
        }
    }

    @Test("refuses a valid archive that is cut anywhere")
    func cut() {
        let bytes = HostileArchives.plain()
        for length in 0..<bytes.count {
            #expect(walk(Array(bytes.prefix(length)), piece: 4096).rule != nil, "cut at \(length)")
        }
        #expect(walk(bytes, piece: 4096).rule == nil)
    }

    @Test("refuses a header with any one bit of its checked fields flipped")
    func flippedHeader() {
        let bytes = HostileArchives.plain()
        for position in 0..<512 {
            for bit in 0..<8 {
                var changed = bytes
                changed[position] ^= 1 << UInt8(bit)
                let walk = walk(changed, piece: 4096)
                // A checksum field may spell the same number in another way; then nothing else has changed.
                let isSame = (148..<156).contains(position) && walk == self.walk(bytes, piece: 4096)
                #expect(walk.rule != nil || isSame, "bit \(bit) of byte \(position)")
            }
        }
    }

    private func walk(_ bytes: [UInt8], piece: Int) -> Walk {
        var walk = Walk()
        var checker = TarStructureChecker(limits: ArchiveLimits())
        do throws(ArchiveRefusal) {
            var start = 0
            while start < bytes.count {
                let part = Array(bytes[start..<min(start + piece, bytes.count)])
                try part.withUnsafeBufferPointer { (buffer) throws(ArchiveRefusal) in
                    try checker.feed(
                        UnsafeRawBufferPointer(buffer), metadata: { _ in }, emit: { walk.entries.append($0) })
                }
                start += piece
            }
            try checker.finish()
        } catch {
            walk.rule = error.rule
        }
        return walk
    }
}
