import AuroraTestSupport
import Glibc
import Testing

@testable import AuroraSystem

@Suite struct DescriptorTests {
    @Test func `what is written is read back at any offset`() throws {
        try withTemporaryDirectory { folder in
            let file = try Descriptor.open("\(folder)/a", [.readWrite, .create, .exclusive])
            try file.write(all: Array("hello".utf8))
            try file.pwrite(all: Array("J".utf8), at: 0)
            #expect(try file.pread(10, at: 1) == Array("ello".utf8))
            #expect(try file.pread(5, at: 0) == Array("Jello".utf8))
            #expect(try file.pread(3, at: 9) == [])
            #expect(try file.pread(0, at: 0) == [])
            let directory = try Descriptor.open(folder, [.readOnly, .directory])
            #expect(throws: SystemError(operation: "pread", errno: EISDIR)) { try directory.pread(1, at: 0) }
            try file.seek(to: 0)
            #expect(try file.readAll() == Array("Jello".utf8))
            try file.truncate(to: 2)
            try file.synchronize()
            try file.fdatasync()
            #expect(try file.stat().size == 2)
            try file.reserve(1 << 16, at: 2)
            #expect(try file.stat().size == 2)
        }
    }

    @Test func `descriptors are closed when they go, and never inherited`() throws {
        let before = try DirectoryNames.read(in: "/proc/self/fd").count
        for _ in 0..<100 { _ = try Descriptor.open("/dev/null", .readOnly).duplicate() }
        // Other tests run beside this one; a leak of 200 would show all the same.
        #expect(try DirectoryNames.read(in: "/proc/self/fd").count < before + 100)
        let file = try Descriptor.open("/dev/null", .readOnly)
        #expect(fcntl(file.rawValue, F_GETFD) & FD_CLOEXEC != 0)
    }

    @Test func `the last component is not followed when that is asked`() throws {
        try withTemporaryDirectory { folder in
            try DurableFile.symlink("/etc/passwd", at: "\(folder)/a")
            #expect(throws: SystemError(operation: "open", path: "\(folder)/a", errno: ELOOP)) {
                _ = try Descriptor.open("\(folder)/a", [.readOnly, .noFollow])
            }
        }
    }

    @Test func `a lock has one owner, also inside one process`() throws {
        try withTemporaryDirectory { folder in
            let path = "\(folder)/lock"
            var first: FileLock? = try FileLock(path: path)
            #expect(first?.path == path)
            #expect(throws: FileLockError.busy(path: path)) { _ = try FileLock(path: path) }
            first = nil
            _ = try FileLock(path: path)
            #expect(throws: FileLockError.self) { _ = try FileLock(path: "\(folder)/missing/lock") }
        }
    }

    @Test func `room and device of a file system are told`() throws {
        #expect(try DiskSpace.available(at: "/").bytes > 0)
        #expect(try DiskSpace.available(at: "/").inodes > 0)
        #expect(try DiskSpace.deviceID(of: "/proc") != DiskSpace.deviceID(of: "/"))
        #expect(throws: SystemError.self) { try DiskSpace.available(at: "/nowhere/at/all") }
    }

    @Test func `random bytes differ and clocks say what they should`() {
        #expect(SecureRandom.bytes(1000).count == 1000)
        #expect(SecureRandom.bytes(16) != SecureRandom.bytes(16))
        #expect(WallClock.fixed(7).now() == 7)
        #expect(WallClock.system.now() > 1_700_000_000_000)
    }
}
