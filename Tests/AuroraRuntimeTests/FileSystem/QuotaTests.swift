import AuroraRuntime
import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import Foundation
import Synchronization
import Testing

@Suite struct QuotaTests {
    @Test("a quota is kept to the byte and to the file, and a refusal changes nothing")
    func exact() throws {
        try withFiles(FileUsage(bytes: 10, files: 2)) { files, _ in
            try files.write(path("a"), bytes("12345"))
            try files.append(path("a"), bytes("67890"))
            #expect(fault { try files.append(path("a"), bytes("x")) } == .byteQuota(10))
            #expect(fault { try files.write(path("b"), bytes("x")) } == .byteQuota(10))
            try files.write(path("a"), bytes("0987654321"))
            try files.write(path("b"), [])
            #expect(fault { try files.makeDirectory(path("c")) } == .fileQuota(2))
            #expect(files.usage() == FileUsage(bytes: 10, files: 2))
            #expect(try text(files.read(path("a"))) == "0987654321")
            try files.rename(path("a"), to: path("b"))
            #expect(files.usage() == FileUsage(bytes: 10, files: 1))
            try files.remove(path("b"))
            #expect(files.usage() == FileUsage(bytes: 0, files: 0))
        }
    }

    @Test("what failed for another reason is not charged")
    func failures() throws {
        try withFiles { files, _ in
            try files.makeDirectory(path("d"))
            try files.write(path("f"), bytes("1"))
            let before = files.usage()
            #expect(fault { try files.write(path("d"), bytes("x")) } == .isDirectory)
            #expect(fault { try files.write(path("f"), bytes("x"), .createNew) } == .exists)
            #expect(fault { try files.write(path("none/f"), bytes("x")) } == .notFound)
            #expect(fault { try files.append(path("none/f"), bytes("x")) } == .notFound)
            #expect(fault { try files.append(path("d"), bytes("x")) } != nil)
            #expect(fault { try files.makeDirectory(path("d")) } == .exists)
            #expect(fault { try files.makeDirectory(path("f/x")) } == .notDirectory)
            #expect(fault { try files.rename(path("d"), to: path("f")) } == .notDirectory)
            #expect(fault { try files.rename(path("d"), to: path("d/e")) } != nil)
            #expect(files.usage() == before)
        }
    }

    @Test("many writers at once never exceed the quota together, and the books agree with the disk")
    func concurrent() throws {
        try withFiles(FileUsage(bytes: 20_000, files: 40)) { files, folder in
            let refused = Mutex(0)
            DispatchQueue.concurrentPerform(iterations: 8) { worker in
                for round in 0..<60 {
                    let name = try? path("f\((worker * 7 + round) % 50)")
                    let size = (worker * 131 + round * 37) % 1_500
                    guard let name else { continue }
                    let refusal = fault {
                        switch round % 4 {
                        case 0, 1: try files.write(name, [UInt8](repeating: 1, count: size))
                        case 2: try files.append(name, [UInt8](repeating: 2, count: size / 4))
                        default: try files.remove(name)
                        }
                    }
                    if case .byteQuota = refusal { refused.withLock { $0 += 1 } }
                    let usage = files.usage()
                    #expect(usage.bytes <= 20_000 && usage.files <= 40)
                }
            }
            let again = try VirtualFileSystem(root: "\(folder)/root", quota: roomy)
            #expect(files.usage() == again.usage())
            #expect(refused.withLock { $0 } > 0)
        }
    }

    @Test("opening counts what is there, a file with two names once, and removes unfinished writes")
    func recount() throws {
        try withFiles { files, folder in
            try files.makeDirectory(path("d"))
            try files.write(path("d/a"), bytes("12345"))
            try files.write(path("b"), bytes("123"))
            #expect(link("\(folder)/root/b", "\(folder)/root/d/c") == 0)
            try AuroraTestSupport.write("half", to: "\(folder)/root/d/.aurora-unfinished-1")
            let again = try VirtualFileSystem(root: "\(folder)/root", quota: roomy)
            #expect(again.usage() == FileUsage(bytes: 8, files: 4))
            #expect(try again.list(path("d")).entries.map(\.name) == ["a", "c"])
            try again.removeTree(path("d"))
            #expect(again.usage() == FileUsage(bytes: 3, files: 1))
        }
    }

    @Test("opening leaves an unfinished write alone while its writer lives, and removes it afterwards")
    func unfinished() throws {
        try withFiles { files, folder in
            let place = "\(folder)/root/.aurora-unfinished-2"
            try DurableFile.makeDirectory("\(folder)/root/.aurora-unfinished-3")
            let lock = try FileLock(path: place)
            _ = try VirtualFileSystem(root: "\(folder)/root", quota: roomy)
            #expect(try FileStatus.ifExists(place) != nil)
            withExtendedLifetime(lock) {}
        }
        try withFiles { files, folder in
            let place = "\(folder)/root/.aurora-unfinished-2"
            _ = try FileLock(path: place)
            _ = try VirtualFileSystem(root: "\(folder)/root", quota: roomy)
            #expect(try FileStatus.ifExists(place) == nil)
        }
    }

    @Test("writes through one volume go through while another one is opened on the same folder again and again")
    func opening() throws {
        try withFiles { files, folder in
            let opened = Mutex(0)
            let isOver = Mutex(false)
            let opener = try #require(
                ServiceThread(name: "opener") {
                    while !isOver.withLock({ $0 }) {
                        if (try? VirtualFileSystem(root: "\(folder)/root", quota: roomy)) != nil {
                            opened.withLock { $0 += 1 }
                        }
                    }
                })
            defer { opener.join() }
            defer { isOver.withLock { $0 = true } }
            let large = [UInt8](repeating: 1, count: 1 << 20)
            var rounds = 0
            while opened.withLock({ $0 }) < 300, rounds < 5000 {
                try files.write(path("large"), large)
                rounds += 1
            }
            #expect(opened.withLock { $0 } >= 300)
            let names = try DirectoryNames.read(in: "\(folder)/root").map(\.display)
            #expect(names == ["large"])
        }
    }

    @Test("files in memory have a size of their own")
    func memory() throws {
        let memory = VirtualFileSystem.Mount(try path("tmp"), .memory(FileUsage(bytes: 8, files: 3)))
        func mounts(_ folder: String) -> [VirtualFileSystem.Mount] { [memory] }
        try withFiles(mounts: mounts) { files, folder in
            try files.write(path("tmp/a"), bytes("12345678"))
            #expect(fault { try files.append(path("tmp/a"), bytes("9")) } == .byteQuota(8))
            try files.makeDirectory(path("tmp/d"))
            try files.write(path("tmp/d/e"), [])
            #expect(fault { try files.write(path("tmp/f"), []) } == .fileQuota(3))
            #expect(files.usage(at: try path("tmp")) == FileUsage(bytes: 8, files: 3))
            #expect(files.usage() == FileUsage(bytes: 0, files: 0))
            #expect(try FileTree.walk("\(folder)/root").isEmpty)
            try files.removeTree(path("tmp/d"))
            #expect(files.usage(at: try path("tmp")) == FileUsage(bytes: 8, files: 1))
        }
    }

    @Test("new files belong to the pack's user", .enabled(if: getuid() == 0, "only root gives files away"))
    func owner() throws {
        try withTemporaryDirectory { folder in
            let identity = SandboxIdentity(uid: 1_879_048_192, gid: 1_879_048_192)
            let files = try VirtualFileSystem(root: folder, quota: roomy, owner: identity)
            try files.makeDirectory(path("d"))
            try files.write(path("d/a"), bytes("1"))
            try files.append(path("d/b"), bytes("1"))
            for name in ["d", "d/a", "d/b"] { #expect(try FileStatus.of("\(folder)/\(name)").uid == identity.uid) }
        }
    }
}
