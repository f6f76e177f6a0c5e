import AuroraModel
import AuroraReleases
import AuroraSystem
import AuroraTestSupport
import Testing

/// Resumable uploads, as the IETF draft describes them.
@Suite struct ResumeTests {
    private func create(_ shelf: Shelf, length: Int64? = nil, declared: Digest? = nil) throws -> UploadStatus {
        try shelf.uploads.create(
            UploadRequest(account: .ci, fileName: "app.tar.gz", length: length, declared: declared))
    }

    @Test func `an upload in many parts gives the same digest`() throws {
        try withTemporaryDirectory { root in
            let shelf = try Shelf(root)
            let bytes = sample(100_000)
            let upload = try create(shelf, length: 100_000, declared: Digest(hashing: bytes))
            for start in stride(from: 0, to: 90_000, by: 9000) {
                let writer = try shelf.uploads.resume(upload.id, offset: Int64(start), by: .ci)
                try writer.write(Array(bytes[start..<start + 9000]))
                #expect(try writer.pause().offset == Int64(start + 9000))
            }
            let writer = try shelf.uploads.resume(upload.id, offset: 90_000, by: .ci)
            try writer.write(Array(bytes[90_000...]))
            #expect(try writer.finish().digest == Digest(hashing: bytes))
            let status = try shelf.uploads.status(upload.id, by: .ci)
            #expect(status.isComplete)
            #expect(status.artifact == Digest(hashing: bytes))
            #expect(status.offset == 100_000)
        }
    }

    @Test func `S-25: a restart keeps partial uploads; digest and offset come from the file`() throws {
        try withTemporaryDirectory { root in
            let shelf = try Shelf(root)
            let bytes = sample(50_000)
            let upload = try create(shelf)
            let writer = try shelf.uploads.resume(upload.id, offset: 0, by: .ci)
            try writer.write(Array(bytes[..<20_000]))
            _ = try writer.pause()
            try shelf.restart()
            #expect(try shelf.uploads.status(upload.id, by: .ci).offset == 20_000)
            #expect(shelf.uploads.usage.partialBytes == 20_000)
            let second = try shelf.uploads.resume(upload.id, offset: 20_000, by: .ci)
            try second.write(Array(bytes[20_000...]))
            #expect(try second.finish(declared: Digest(hashing: bytes)).digest == Digest(hashing: bytes))
        }
    }

    @Test func `a lost connection keeps what arrived`() throws {
        try withTemporaryDirectory { root in
            let shelf = try Shelf(root)
            let upload = try create(shelf)
            do {
                let writer = try shelf.uploads.resume(upload.id, offset: 0, by: .ci)
                try writer.write(sample(777))
            }
            #expect(try shelf.uploads.status(upload.id, by: .ci).offset == 777)
        }
    }

    @Test func `S-25: a part at the wrong place is refused and names the right one`() throws {
        try withTemporaryDirectory { root in
            let shelf = try Shelf(root)
            let upload = try create(shelf)
            #expect(
                refusalCode { _ = try shelf.uploads.resume(upload.id, offset: 1, by: .ci) } == "upload_offset_mismatch")
            _ = try shelf.uploads.resume(upload.id, offset: 0, by: .ci)
        }
    }

    @Test func `two writers of one upload do not meet`() throws {
        try withTemporaryDirectory { root in
            let shelf = try Shelf(root)
            let upload = try create(shelf)
            let writer = try shelf.uploads.resume(upload.id, offset: 0, by: .ci)
            #expect(refusalCode { _ = try shelf.uploads.resume(upload.id, offset: 0, by: .ci) } == "upload_busy")
            #expect(refusalCode { try shelf.uploads.cancel(upload.id, by: .ci) } == "upload_busy")
            writer.cancel()
            try shelf.uploads.cancel(upload.id, by: .ci)
            #expect(try shelf.parts().isEmpty)
        }
    }

    @Test func `another account's upload looks like none`() throws {
        try withTemporaryDirectory { root in
            let shelf = try Shelf(root)
            let upload = try create(shelf)
            #expect(refusalCode { _ = try shelf.uploads.status(upload.id, by: .maria) } == "upload_unknown")
            #expect(refusalCode { _ = try shelf.uploads.resume(upload.id, offset: 0, by: .maria) } == "upload_unknown")
            #expect(refusalCode { try shelf.uploads.cancel(upload.id, by: .maria) } == "upload_unknown")
        }
    }

    @Test func `a complete upload takes no more bytes`() throws {
        try withTemporaryDirectory { root in
            let shelf = try Shelf(root)
            let upload = try create(shelf)
            _ = try shelf.uploads.resume(upload.id, offset: 0, by: .ci).finish()
            #expect(refusalCode { _ = try shelf.uploads.resume(upload.id, offset: 0, by: .ci) } == "upload_complete")
        }
    }

    @Test func `S-25: a wrong digest at the end removes the upload`() throws {
        try withTemporaryDirectory { root in
            let shelf = try Shelf(root)
            let upload = try create(shelf, declared: Digest(hashing: [9]))
            let writer = try shelf.uploads.resume(upload.id, offset: 0, by: .ci)
            try writer.write(sample(10))
            #expect(refusalCode { _ = try writer.finish() } == "digest_mismatch")
            #expect(refusalCode { _ = try shelf.uploads.status(upload.id, by: .ci) } == "upload_unknown")
            #expect(try shelf.parts().isEmpty)
        }
    }

    @Test func `an interrupted upload goes after 24 hours and its bytes are free again`() throws {
        try withTemporaryDirectory { root in
            let shelf = try Shelf(root)
            let upload = try create(shelf)
            let writer = try shelf.uploads.resume(upload.id, offset: 0, by: .ci)
            try writer.write(sample(1000))
            _ = try writer.pause()
            shelf.time.advance(milliseconds: 24 * 3600 * 1000)
            #expect(try shelf.uploads.expire() == 0)
            shelf.time.advance(milliseconds: 1)
            #expect(try shelf.uploads.expire() == 1)
            #expect(try shelf.parts().isEmpty)
            #expect(shelf.uploads.usage.partialBytes == 0)
            #expect(try shelf.actions() == ["upload.begin", "upload.expire"])
        }
    }

    @Test func `an upload a writer is at work on does not expire`() throws {
        try withTemporaryDirectory { root in
            let shelf = try Shelf(root)
            let upload = try create(shelf)
            let writer = try shelf.uploads.resume(upload.id, offset: 0, by: .ci)
            shelf.time.advance(milliseconds: 48 * 3600 * 1000)
            #expect(try shelf.uploads.expire() == 0)
            _ = try writer.finish()
        }
    }

    @Test func `a restart removes what nobody can resume`() throws {
        try withTemporaryDirectory { root in
            let shelf = try Shelf(root)
            try write("half", to: root + "/uploads/up-aaaaaaaaaaaaaaaa.part")
            try write("rubbish", to: root + "/uploads/other")
            let orphan = try shelf.blobs.put(Array("no row names me".utf8))
            try shelf.restart()
            #expect(try shelf.parts().isEmpty)
            #expect(!shelf.blobs.contains(orphan))
        }
    }

    @Test
    func `S-25: an end that the database does not take keeps the upload; it is finished later, and takes no more`()
        throws
    {
        try withTemporaryDirectory { root in
            let shelf = try Shelf(root)
            let bytes = sample(5000)
            let upload = try create(shelf)
            let writer = try shelf.uploads.resume(upload.id, offset: 0, by: .ci)
            try writer.write(bytes)
            #expect(throws: (any Error).self) { try shelf.database.withoutLog { _ = try writer.finish() } }
            let status = try shelf.uploads.status(upload.id, by: .ci)
            #expect(status.offset == 5000 && !status.isComplete)
            #expect(shelf.uploads.usage.partialBytes == 5000)
            let second = try shelf.uploads.resume(upload.id, offset: 5000, by: .ci)
            #expect(try second.finish(declared: Digest(hashing: bytes)).digest == Digest(hashing: bytes))
            #expect(try shelf.uploads.status(upload.id, by: .ci).isComplete)
            #expect(try shelf.parts().isEmpty)
            #expect(try shelf.actions() == ["upload.begin", "artifact.upload"])
        }
    }

    @Test func `bytes that may be an artifact's already are not written to: a longer end is refused`() throws {
        try withTemporaryDirectory { root in
            let shelf = try Shelf(root)
            let bytes = sample(5000)
            try shelf.uploads.send(bytes, as: "same.tar.gz")
            let upload = try create(shelf)
            let writer = try shelf.uploads.resume(upload.id, offset: 0, by: .ci)
            try writer.write(bytes)
            #expect(throws: (any Error).self) { try shelf.database.withoutLog { _ = try writer.finish() } }
            let second = try shelf.uploads.resume(upload.id, offset: 5000, by: .ci)
            #expect(refusalCode { try second.write([1]) } == "upload_length_exceeded")
            let blob = try shelf.blobs.open(Digest(hashing: bytes))
            #expect(try blob?.readAll() == bytes)
        }
    }
}
