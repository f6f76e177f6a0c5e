import AuroraCrypto
import AuroraDatabase
import AuroraModel
import AuroraTestSupport
import Foundation
import Testing

@testable import AuroraAudit

/// S-36, I-9: whatever is done to an exported log, someone with only the key finds it, and hears where it begins.
struct FolderTamperTests {
    /// A way to harm an exported log of 700 entries, and what must be found.
    struct Tampering: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let kind: AuditReport.Problem.Kind
        let entry: Int64?
        let apply: @Sendable (_ folder: String) throws -> Void

        init(
            _ name: String, _ kind: AuditReport.Problem.Kind, at entry: Int64?,
            _ apply: @escaping @Sendable (String) throws -> Void
        ) {
            testDescription = name
            self.kind = kind
            self.entry = entry
            self.apply = apply
        }
    }

    private static func changeBundle(
        _ folder: String, _ name: String = "tile/entries/001", _ change: (inout [[UInt8]]) -> Void
    ) throws {
        let path = "\(folder)/\(name)"
        var entries = EntryBundle.decode(try fileBytes(path)).entries
        change(&entries)
        try setFile(path, EntryBundle.encode(entries))
    }

    private static func changeFile(_ path: String, _ change: (inout [UInt8]) -> Void) throws {
        var bytes = try fileBytes(path)
        change(&bytes)
        try setFile(path, bytes)
    }

    /// Entry 300 is the 45th of bundle 001.
    static let tamperings = [
        Tampering("edit", .entryChanged, at: 300) { try changeBundle($0) { $0[44][10] ^= 1 } },
        Tampering("drop", .entryChanged, at: 300) { try changeBundle($0) { $0.remove(at: 44) } },
        Tampering("swap", .entryChanged, at: 300) { try changeBundle($0) { $0.swapAt(44, 45) } },
        Tampering("double", .entryChanged, at: 301) { try changeBundle($0) { $0.insert($0[44], at: 44) } },
        Tampering("truncated bundle", .entryMissing, at: 511) { folder in
            try changeFile(folder + "/tile/entries/001") { $0.removeLast(5) }
        },
        Tampering("bytes after a bundle", .bundleDamaged, at: 512) { folder in
            try changeFile(folder + "/tile/entries/001") { $0 += [0] }
        },
        Tampering("gap", .entryMissing, at: 256) {
            try FileManager.default.removeItem(atPath: $0 + "/tile/entries/001")
        },
        Tampering("tail files cut", .entryMissing, at: 512) {
            try FileManager.default.removeItem(atPath: $0 + "/tile/entries/002.p/188")
            try FileManager.default.removeItem(atPath: $0 + "/tile/0/002.p/188")
        },
        Tampering("edit with its own hash", .tileDamaged, at: 256) { folder in
            var leaf = Digest(hashing: [])
            try changeBundle(folder) { entries in
                entries[44][10] ^= 1
                leaf = MerkleTree.leafHash(entries[44])
            }
            try changeFile(folder + "/tile/0/001") { $0.replaceSubrange(44 * 32..<45 * 32, with: leaf.bytes) }
        },
        Tampering("flipped bit in a hash tile", .tileDamaged, at: 300) { folder in
            try changeFile(folder + "/tile/0/001") { $0[44 * 32 + 7] ^= 4 }
        },
        Tampering("flipped bit in an upper tile", .tileDamaged, at: 256) { folder in
            try changeFile(folder + "/tile/1/000.p/2") { $0[40] ^= 4 }
        },
        Tampering("missing hash tile", .tileMissing, at: 256) {
            try FileManager.default.removeItem(atPath: $0 + "/tile/0/001")
        },
        Tampering("cut hash tile", .tileDamaged, at: 256) { folder in
            try changeFile(folder + "/tile/0/001") { $0.removeLast(32) }
        },
        Tampering("size in the checkpoint changed", .badSignature, at: nil) { folder in
            try changeFile(folder + "/checkpoint") { bytes in
                bytes = Array(String(decoding: bytes, as: UTF8.self).replacing("\n700\n", with: "\n600\n").utf8)
            }
        },
        Tampering("no checkpoint", .checkpointMissing, at: nil) {
            try FileManager.default.removeItem(atPath: $0 + "/checkpoint")
        },
        Tampering("checkpoint overwritten", .checkpointMalformed, at: nil) {
            try setFile($0 + "/checkpoint", [1, 2, 3])
        },
    ]

    @Test("S-36: tampering is found and the first bad entry is named", arguments: tamperings)
    func found(_ tampering: Tampering) throws {
        try withLog { test throws in
            try test.fill(700)
            let folder = test.folder + "/export"
            try test.log.export(to: folder)
            let sound = AuditLog.verify(directory: folder, verifierKey: test.verifierKey)
            #expect(sound.isSound, "\(sound.summary)")
            try tampering.apply(folder)
            let report = AuditLog.verify(directory: folder, verifierKey: test.verifierKey)
            #expect(report.problems.contains { $0.kind == tampering.kind }, "\(report.problems)")
            #expect(report.firstBadEntry == tampering.entry, "\(report.problems)")
        }
    }

    @Test("S-36: one flipped bit anywhere in an export is found")
    func everyFile() throws {
        try withLog { test throws in
            try test.fill(300)
            let folder = test.folder + "/export"
            try test.log.export(to: folder)
            let names = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { name in
                name == "checkpoint" || (name.hasPrefix("tile/") && name.last?.isNumber == true)
            }
            var tried = 0
            for name in names {
                let path = "\(folder)/\(name)"
                guard let bytes = try? fileBytes(path) else { continue }
                for _ in 0..<10 {
                    var changed = bytes
                    let bit = Int.random(in: 0..<bytes.count * 8)
                    changed[bit / 8] ^= 1 << UInt8(bit % 8)
                    try setFile(path, changed)
                    let report = AuditLog.verify(directory: folder, verifierKey: test.verifierKey)
                    #expect(!report.isSound, "\(name) bit \(bit)")
                    tried += 1
                }
                try setFile(path, bytes)
            }
            #expect(tried == 60, "\(names)")
            #expect(AuditLog.verify(directory: folder, verifierKey: test.verifierKey).isSound)
        }
    }

    @Test("S-36: an older export passed off as the present one is found by a checkpoint kept elsewhere")
    func tailCut() throws {
        try withLog { test throws in
            try test.fill(500)
            let folder = test.folder + "/old"
            try test.log.export(to: folder)
            try test.fill(200)
            let known = try test.log.publish()
            #expect(AuditLog.verify(directory: folder, verifierKey: test.verifierKey).isSound)
            let report = AuditLog.verify(directory: folder, verifierKey: test.verifierKey, known: [known])
            #expect(report.problems.map(\.kind) == [.tailCut])
            #expect(report.firstBadEntry == 500)
        }
    }

    @Test("S-36: a log built anew with another key, or a checkpoint signed by one, is not taken for the real one")
    func ownKey() throws {
        try withLog { test throws in
            try test.fill(30)
            try withLog { forger throws in
                try forger.fill(30)
                let folder = forger.folder + "/export"
                try forger.log.export(to: folder)
                #expect(AuditLog.verify(directory: folder, verifierKey: forger.verifierKey).isSound)
                let report = AuditLog.verify(directory: folder, verifierKey: test.verifierKey)
                #expect(report.problems.map(\.kind) == [.wrongKey])
                let real = test.folder + "/export"
                try test.log.export(to: real)
                try setFile(real + "/checkpoint", fileBytes(folder + "/checkpoint"))
                let swapped = AuditLog.verify(directory: real, verifierKey: test.verifierKey)
                #expect(swapped.problems.map(\.kind) == [.wrongKey])
            }
        }
    }

    @Test("S-36: the right key on another history is found by the checkpoint, and by any known earlier one")
    func otherHistory() throws {
        try withLog { test throws in
            try test.fill(300)
            let known = try test.log.publish()
            try test.fill(10)
            let folder = test.folder + "/export"
            try test.log.export(to: folder)
            try withTemporaryDirectory { other throws in
                // Whoever stole the key builds a second history.
                let thief = try TestLog(in: other, key: test.key)
                defer { thief.database.close() }
                try thief.database.write { transaction in
                    for number in 0..<310 {
                        try thief.log.append(
                            thief.entry(number, subject: number == 200 ? "forged" : nil), in: transaction)
                    }
                }
                let forged = other + "/export"
                try thief.log.export(to: forged)
                #expect(AuditLog.verify(directory: forged, verifierKey: test.verifierKey).isSound)
                let report = AuditLog.verify(directory: forged, verifierKey: test.verifierKey, known: [known])
                #expect(report.problems.map(\.kind) == [.historyChanged])
                try setFile(folder + "/checkpoint", fileBytes(forged + "/checkpoint"))
                let swapped = AuditLog.verify(directory: folder, verifierKey: test.verifierKey)
                #expect(swapped.problems.map(\.kind) == [.historyChanged])
            }
        }
    }

    @Test("A checkpoint of another log under the same key is refused")
    func otherOrigin() throws {
        try withLog { test throws in
            try test.fill(3)
            let folder = test.folder + "/export"
            try test.log.export(to: folder)
            let text = Checkpoint(origin: "elsewhere", size: 3, root: try test.log.verificationState().root).text
            let note = SignedNote(text: text, signedBy: test.key, as: test.verifierKey)
            try setFile(folder + "/checkpoint", note.bytes)
            let report = AuditLog.verify(directory: folder, verifierKey: test.verifierKey)
            #expect(report.problems.map(\.kind) == [.wrongOrigin])
        }
    }

    @Test("A checkpoint that claims more entries than any folder holds ends at once")
    func hugeSize() throws {
        try withLog { test throws in
            let folder = test.folder + "/export"
            try test.log.export(to: folder)
            let text = Checkpoint(origin: origin, size: .max, root: Digest(hashing: [])).text
            try setFile(folder + "/checkpoint", SignedNote(text: text, signedBy: test.key, as: test.verifierKey).bytes)
            let report = AuditLog.verify(directory: folder, verifierKey: test.verifierKey)
            #expect(report.firstBadEntry == 0)
        }
    }

    @Test("An export is refused over something that is there")
    func exportExists() throws {
        try withLog { test throws in
            #expect(throws: AuditError.exportExists(path: test.folder)) { try test.log.export(to: test.folder) }
        }
    }
}
