import AuroraRuntime
import AuroraSystem
import AuroraTestSupport
import Foundation
import Testing

@Suite struct VirtualFileSystemTests {
    @Test("a mount belongs to the longest prefix of names, not of letters")
    func longestPrefix() throws {
        try withFiles(mounts: mounts) { files, folder in
            #expect(try text(files.read(path("/maps/map"))) == "map")
            #expect(fault { _ = try files.read(path("/mapsmap")) } == .notFound)
            try files.write(path("/maps2"), bytes("own"))
            #expect(try readText("\(folder)/root/maps2") == "own")
            try files.write(path("/maps/tmp/x"), bytes("memory"))
            #expect(try text(files.read(path("maps/tmp/x"))) == "memory")
            #expect(fault { _ = try files.read(path("maps/x")) } == .notFound)
        }
    }

    @Test("folders list the mounts below them, page by page")
    func listing() throws {
        try withFiles(mounts: mounts) { files, _ in
            for name in ["a", "n", "z"] { try files.write(path(name), bytes(name)) }
            #expect(try files.list(.root).entries.map(\.name) == ["a", "deep", "maps", "n", "z"])
            #expect(try files.list(path("maps")).entries.map(\.name) == ["map", "tmp"])
            #expect(try files.list(path("deep")).entries.map(\.name) == ["er"])
            #expect(try files.facts(path("deep")).kind == .directory)
            var (names, last): ([String], String?) = ([], nil)
            repeat {
                let page = try files.list(.root, after: last, limit: 2)
                #expect(page.entries.count <= 2)
                names += page.entries.map(\.name)
                last = page.more ? page.entries.last?.name : nil
            } while last != nil
            #expect(names == ["a", "deep", "maps", "n", "z"])
        }
    }

    @Test("a mount of the host cannot be changed, and mount points stay where they are")
    func readOnly() throws {
        try withFiles(mounts: mounts) { files, folder in
            #expect(fault { try files.write(path("maps/map"), bytes("x")) } == .readOnly)
            #expect(fault { try files.append(path("maps/map"), bytes("x")) } == .readOnly)
            #expect(fault { try files.remove(path("maps/map")) } == .readOnly)
            #expect(fault { try files.makeDirectory(path("maps/d")) } == .readOnly)
            for name in ["maps", "maps/tmp", "deep"] {
                #expect(fault { try files.removeTree(path(name)) } == .isMountPoint)
                #expect(fault { try files.rename(path(name), to: path("x")) } == .isMountPoint)
            }
            let map = try readText("\(folder)/host/map")
            #expect(map == "map")
        }
    }

    @Test("renaming into another mount is refused, and names both")
    func acrossMounts() throws {
        try withFiles(mounts: mounts) { files, _ in
            try files.write(path("a"), bytes("1"))
            let error = #expect(throws: FileSystemError.self) {
                try files.rename(path("a"), to: path("deep/er/a"))
            }
            #expect(error?.fault == .crossesMounts(to: "/deep/er/a") && error?.path == "/a")
        }
    }

    private func mounts(_ folder: String) throws -> [VirtualFileSystem.Mount] {
        [
            .init(try path("maps"), .host("\(folder)/host")),
            .init(try path("maps/tmp"), .memory(roomy)),
            .init(try path("deep/er"), .memory(roomy)),
        ]
    }

    @Test("ranges are cut at the end, and a file that is too large is refused, not cut")
    func ranges() throws {
        try withFiles { files, _ in
            try files.write(path("a"), bytes("0123456789"))
            #expect(try text(files.read(path("a"), range: 2..<5)) == "234")
            #expect(try text(files.read(path("a"), range: 8..<50)) == "89")
            #expect(try files.read(path("a"), range: 50..<60).isEmpty)
            #expect(try files.read(path("a"), range: -5..<0).isEmpty)
            #expect(fault { _ = try files.read(path("a"), limit: 9) } == .tooLarge(limit: 9))
            #expect(try files.read(path("a"), range: 0..<Int64.max, limit: 10).count == 10)
        }
    }

    @Test("a pipe or a folder in place of a file is an error, and nobody waits for it", .timeLimit(.minutes(1)))
    func noFiles() throws {
        try withFiles { files, folder in
            #expect(mkfifo("\(folder)/root/pipe", 0o666) == 0)
            #expect(fault { _ = try files.read(path("pipe")) } == .notAFile)
            #expect(fault { try files.append(path("pipe"), bytes("x")) } == .notAFile)
            try files.makeDirectory(path("d"))
            #expect(fault { _ = try files.read(path("d")) } == .isDirectory)
            #expect(fault { _ = try files.list(path("pipe")) } == .notDirectory)
        }
    }

    @Test("defect 44: a reader sees the old file or the new one, while it is replaced again and again")
    func atomicReplace() throws {
        try withFiles { files, _ in
            let versions = ["a", "b"].map { [UInt8](repeating: $0.utf8.first ?? 0, count: 200_000) }
            try files.write(path("f"), versions[0])
            DispatchQueue.concurrentPerform(iterations: 2) { worker in
                for round in 0..<300 {
                    if worker == 0 {
                        #expect(throws: Never.self) {
                            try files.write(path("f"), versions[round % 2], isDurable: round % 50 == 0)
                        }
                    } else {
                        #expect((try? files.read(path("f"))).map(versions.contains) == true)
                    }
                }
            }
        }
    }

    @Test("a watch tells what appears, changes and goes, and nothing of unfinished writes")
    func watching() throws {
        try withFiles { files, _ in
            let watch = try files.watch(.root)
            #expect(try watch.next(timeout: .zero).isEmpty)
            try files.write(path("a"), bytes("1"))
            try files.append(path("a"), bytes("2"))
            try files.rename(path("a"), to: path("b"))
            try files.remove(path("b"))
            var events: [FolderWatch.Event] = []
            while events.last != .vanished(FileName(bytes: bytes("b"))) {
                let found = try watch.next(timeout: .seconds(30))
                try #require(!found.isEmpty)
                events += found
            }
            let (a, b) = (FileName(bytes: bytes("a")), FileName(bytes: bytes("b")))
            #expect(events == [.appeared(a), .changed(a), .vanished(a), .appeared(b), .vanished(b)])
        }
    }

    @Test("a watch that missed events says so")
    func overflow() throws {
        try withFiles { files, _ in
            let most = Int(try readText("/proc/sys/fs/inotify/max_queued_events").filter(\.isNumber)) ?? 16_384
            let watch = try files.watch(.root)
            for _ in 0...(most / 2) {
                try files.makeDirectory(path("d"))
                try files.remove(path("d"))
            }
            var events: [FolderWatch.Event] = []
            while case let found = try watch.next(timeout: .zero), !found.isEmpty { events += found }
            #expect(events.last == .overflow)
            #expect(fault { _ = try files.watch(path("none")) } == .notFound)
        }
    }
}
