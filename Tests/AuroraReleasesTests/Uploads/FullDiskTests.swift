import AuroraActivation
import AuroraCrypto
import AuroraModel
import AuroraReleases
import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

/// A disk that is really full: a small tmpfs of its own.
@Suite(.enabled(if: geteuid() == 0, "mounting a small tmpfs needs root"))
struct FullDiskTests {
    @Test func `S-24, I-5: an upload that fills the disk is refused and leaves nothing`() throws {
        try withSmallDisk(megabytes: 8) { disk, root in
            let shelf = try Shelf(root, uploadsDirectory: disk)
            let writer = try shelf.uploads.begin(UploadRequest(account: .ci, fileName: "big.tar"))
            #expect(
                refusalCode { for seed in 1...12 { try writer.write(sample(1 << 20, seed: UInt64(seed))) } }
                    .map { ["insufficient_storage", "upload_too_large"].contains($0) } == true)
            #expect(try Shelf.names(disk + "/uploads").isEmpty)
            try shelf.uploads.send(sample(1 << 20), as: "small.tar")
        }
    }

    @Test func `I-5: a target's full disk refuses the stage and the old tree runs`() throws {
        try withSmallDisk(megabytes: 4) { disk, root in
            var options = try TestHub.Options.one(root)
            options.targets = [try .sample(disk)]
            let hub = try TestHub.start(root, options)
            try hub.promote(try hub.publish(["VERSION": "1"]))
            let big = Hex.encode(sample(3 << 20))
            #expect(refusalCode { try hub.publish(["VERSION": "2", "big": big]) } == "insufficient_storage")
            #expect(try Shelf.names(disk + "/srv/.app.aurora/staging").isEmpty)
            #expect(try readText(disk + "/srv/app/VERSION") == "1")
            try hub.promote(try hub.publish(["VERSION": "3"]))
            #expect(try readText(disk + "/srv/app/VERSION") == "3")
        }
    }

    private func withSmallDisk(megabytes: Int, _ body: (String, String) throws -> Void) throws {
        try withTemporaryDirectory { root in
            let disk = root + "/disk"
            try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: false)
            try run("/bin/mount", ["-t", "tmpfs", "-o", "size=\(megabytes)m,mode=0755", "tmpfs", disk])
            defer { try? run("/bin/umount", ["-l", disk]) }
            try body(disk, root)
        }
    }

    private func run(_ program: String, _ arguments: [String]) throws {
        let result = try Processes.run(ProcessSpec(executable: program, arguments: arguments))
        guard result.isSuccess else { throw ToolFailure(String(decoding: result.errorOutput, as: UTF8.self)) }
    }
}
