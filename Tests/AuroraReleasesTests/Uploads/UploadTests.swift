import AuroraApprovals
import AuroraModel
import AuroraReleases
import AuroraSystem
import AuroraTestSupport
import Dispatch
import Foundation
import Synchronization
import Testing

/// Whole-stream uploads: what is stored, what is not, and how much.
@Suite struct UploadTests {
    @Test func `an upload is stored under its digest and labelled for its account`() throws {
        try withTemporaryDirectory { root in
            let shelf = try Shelf(root)
            let bytes = sample(3_000_000)
            let stored = try shelf.uploads.send(bytes, as: "app.tar.gz")
            #expect(stored.digest == Digest(hashing: bytes))
            #expect(stored.size == 3_000_000)
            #expect(stored.isNew)
            #expect(try shelf.blobs.read(stored.digest, limit: 4_000_000) == bytes)
            #expect(try shelf.parts().isEmpty)
            #expect(try shelf.actions() == ["artifact.upload"])
            #expect(shelf.uploads.usage.storedBytes == 3_000_000)
        }
    }

    @Test func `S-25: a digest that does not match stores nothing`() throws {
        try withTemporaryDirectory { root in
            let shelf = try Shelf(root)
            let wrong = Digest(hashing: [1])
            #expect(
                refusalCode { try shelf.uploads.send(sample(1000), as: "a.tar", declared: wrong) } == "digest_mismatch")
            #expect(try shelf.parts().isEmpty)
            #expect(!shelf.blobs.contains(Digest(hashing: sample(1000))))
            #expect(shelf.uploads.usage.partialBytes == 0)
            #expect(shelf.uploads.usage.storedBytes == 0)
            #expect(try shelf.actions().isEmpty)
        }
    }

    @Test func `S-25: the right digest is accepted, declared before or after the bytes`() throws {
        try withTemporaryDirectory { root in
            let shelf = try Shelf(root)
            let bytes = sample(1000)
            try shelf.uploads.send(bytes, as: "a.tar", declared: Digest(hashing: bytes))
            let writer = try shelf.uploads.begin(UploadRequest(account: .ci, fileName: "b.tar"))
            try writer.write(bytes)
            #expect(try !writer.finish(declared: Digest(hashing: bytes)).isNew)
        }
    }

    @Test func `S-24: the quota counts stored and partial bytes and is exact`() throws {
        try withTemporaryDirectory { root in
            let shelf = try Shelf(
                root, settings: UploadSettings(quotaBytes: 1000, freeDiskFloorBytes: 0, maximumUploadBytes: 5000))
            try shelf.uploads.send(sample(400), as: "a")
            let open = try shelf.uploads.create(UploadRequest(account: .ci, fileName: "b"))
            let writer = try shelf.uploads.resume(open.id, offset: 0, by: .ci)
            try writer.write(sample(300, seed: 2))
            _ = try writer.pause()
            #expect(refusalCode { try shelf.uploads.send(sample(301, seed: 3), as: "c") } == "quota_exceeded")
            try shelf.uploads.send(sample(300, seed: 3), as: "c")
            #expect(shelf.uploads.usage.storedBytes == 700)
            #expect(shelf.uploads.usage.partialBytes == 300)
            #expect(try shelf.parts().count == 1)
        }
    }

    @Test func `S-24: bytes the hub has already cost no quota`() throws {
        try withTemporaryDirectory { root in
            let shelf = try Shelf(root)
            for index in 0..<10 { try shelf.uploads.send(sample(1000), as: "copy-\(index)") }
            #expect(shelf.uploads.usage.storedBytes == 1000)
        }
    }

    @Test func `S-24: a length that does not fit is refused before a byte arrives`() throws {
        try withTemporaryDirectory { root in
            let shelf = try Shelf(root)
            func begin(_ length: Int64) -> String? {
                refusalCode {
                    _ = try shelf.uploads.begin(UploadRequest(account: .ci, fileName: "a", length: length))
                }
            }
            #expect(begin(9 << 20) == "upload_too_large")
            #expect(begin(-1) == "upload_length_mismatch")
            try shelf.restart(settings: UploadSettings(quotaBytes: 10, freeDiskFloorBytes: 0))
            #expect(begin(11) == "quota_exceeded")
            try shelf.restart(settings: UploadSettings(freeDiskFloorBytes: 1 << 60))
            #expect(begin(1) == "insufficient_storage")
            #expect(try shelf.parts().isEmpty)
        }
    }

    @Test func `S-24: a stream without a length is cut at the largest upload`() throws {
        try withTemporaryDirectory { root in
            let shelf = try Shelf(root)
            let writer = try shelf.uploads.begin(UploadRequest(account: .ci, fileName: "a"))
            for _ in 0..<8 { try writer.write(sample(1 << 20)) }
            #expect(refusalCode { try writer.write([1]) } == "upload_too_large")
            #expect(try shelf.parts().isEmpty)
            #expect(shelf.uploads.usage.partialBytes == 0)
        }
    }

    @Test(arguments: [(5, "upload_length_exceeded"), (7, "upload_length_mismatch")])
    func `S-24: a wrong declared length stores nothing`(length: Int64, code: String) throws {
        try withTemporaryDirectory { root in
            let shelf = try Shelf(root)
            let writer = try shelf.uploads.begin(UploadRequest(account: .ci, fileName: "a", length: length))
            #expect(
                refusalCode {
                    try writer.write(sample(6))
                    _ = try writer.finish()
                } == code)
            #expect(try shelf.parts().isEmpty)
        }
    }

    @Test func `S-24: a hundred parallel uploads never exceed the quota together`() throws {
        try withTemporaryDirectory { root in
            let shelf = try Shelf(
                root, settings: UploadSettings(quotaBytes: 50_000, freeDiskFloorBytes: 0, maximumUploadBytes: 10_000))
            let uploads = shelf.uploads
            let stored = Mutex<Int64>(0)
            DispatchQueue.concurrentPerform(iterations: 100) { index in
                let isStored = (try? uploads.send(sample(1000, seed: UInt64(index + 1)), as: "f\(index)")) != nil
                if isStored { stored.withLock { $0 += 1 } }
            }
            let count = stored.withLock { $0 }
            #expect(count > 0 && count <= 50)
            #expect(uploads.usage.storedBytes == count * 1000)
            #expect(uploads.usage.partialBytes == 0)
            #expect(try shelf.parts().isEmpty)
        }
    }

    @Test func `a writer that was refused refuses everything after it and never traps`() throws {
        try withTemporaryDirectory { root in
            let shelf = try Shelf(root)
            let writer = try shelf.uploads.begin(UploadRequest(account: .ci, fileName: "a", length: 1))
            #expect(refusalCode { try writer.write([1, 2]) } == "upload_length_exceeded")
            #expect(refusalCode { try writer.write([1]) } == "upload_over")
            #expect(refusalCode { _ = try writer.finish() } == "upload_over")
            #expect(refusalCode { _ = try writer.pause() } == "upload_over")
            writer.cancel()
            #expect(try shelf.parts().isEmpty)
        }
    }

    @Test func `a dropped writer leaves nothing`() throws {
        try withTemporaryDirectory { root in
            let shelf = try Shelf(root)
            do {
                let writer = try shelf.uploads.begin(UploadRequest(account: .ci, fileName: "a"))
                try writer.write(sample(1000))
            }
            #expect(try shelf.parts().isEmpty)
            #expect(shelf.uploads.usage.openUploads == 0)
        }
    }

    @Test func `a file name is only a label of its account's last upload`() throws {
        try withTemporaryDirectory { root in
            let shelf = try Shelf(root)
            let first = try shelf.uploads.send(sample(10, seed: 1), as: "app.tar", by: .ci)
            let second = try shelf.uploads.send(sample(10, seed: 2), as: "app.tar", by: .ci)
            let other = try shelf.uploads.send(sample(10, seed: 3), as: "app.tar", by: .maria)
            let records = try ArtifactQueries(database: shelf.database).artifacts().items
            #expect(Set(records.map(\.digest)) == [first.digest, second.digest, other.digest])
            let labels = records.flatMap(\.labels)
            #expect(labels.count == 2)
            #expect(labels.first { $0.account == "ci" }?.digest == second.digest)
        }
    }

    @Test(
        "defect 19, S-19: a name that could mean a place is refused, and nothing is written anywhere",
        arguments: [
            "../x.tar.gz", "/etc/passwd", "..", ".", "", "a/b", "a\\b", "a\u{0}b", "a\nb", "a\r", "\u{202E}gz.rat",
            "a\u{200B}b", "-rf", " a", "a ", String(repeating: "a", count: 256), "\u{85}", "a\u{2028}b",
        ])
    func names(_ name: String) throws {
        try withTemporaryDirectory { root in
            let shelf = try Shelf(root)
            #expect(refusalCode { try shelf.uploads.send([1], as: name) } == "invalid_file_name")
            #expect(try shelf.parts().isEmpty)
        }
    }

    @Test(arguments: [
        "app-1.2.0.tar.gz", "größe 2.tar", "日本.tar", ".hidden", "a..b", String(repeating: "a", count: 255),
    ])
    func `an ordinary name is a label`(name: String) throws {
        try FileLabel.validate(name)
    }
}
