import CShims
import Glibc

/// How a file is opened; see `open(2)`.
///
/// `O_CLOEXEC` is always added.
package struct OpenFlags: OptionSet, Sendable {
    package let rawValue: Int32
    package init(rawValue: Int32) { self.rawValue = rawValue }

    package static let readOnly = OpenFlags([])
    package static let writeOnly = OpenFlags(rawValue: O_WRONLY)
    package static let readWrite = OpenFlags(rawValue: O_RDWR)
    package static let create = OpenFlags(rawValue: O_CREAT)
    /// With `create`: fail with `EEXIST` when the name exists.
    package static let exclusive = OpenFlags(rawValue: O_EXCL)
    package static let truncate = OpenFlags(rawValue: O_TRUNC)
    package static let append = OpenFlags(rawValue: O_APPEND)
    /// Fail with `ENOTDIR` unless it is a directory.
    package static let directory = OpenFlags(rawValue: O_DIRECTORY)
    /// Fail with `ELOOP` when the last component is a symlink.
    package static let noFollow = OpenFlags(rawValue: O_NOFOLLOW)
    package static let nonBlocking = OpenFlags(rawValue: O_NONBLOCK)
    /// Only a handle on the name (`O_PATH`), without rights to the content.
    package static let pathOnly = OpenFlags(rawValue: 0o10_000_000)
}

/// The one owner of an open file descriptor; closes it when it goes.
///
/// Not for two threads at once where the file offset matters (`read`, `write`); `pread`, `pwrite`, `sync` and `status`
/// may be called from any thread.
package struct Descriptor: ~Copyable, Sendable {
    /// The number; valid as long as this value lives.
    package let rawValue: Int32

    /// Takes over a descriptor that nothing else will close.
    package init(adopting rawValue: Int32) { self.rawValue = rawValue }

    deinit { Glibc.close(rawValue) }

    /// Opens `path` (`open(2)`), always close-on-exec.
    package static func open(
        _ path: String, _ flags: OpenFlags, mode: UInt32 = 0o600
    ) throws(SystemError) -> Descriptor {
        try open(path, in: AT_FDCWD, flags, mode: mode)
    }

    /// Opens `name` inside the directory `directory` (`openat(2)`), always close-on-exec.
    package static func open(
        _ name: String, in directory: Int32, _ flags: OpenFlags, mode: UInt32 = 0o600
    ) throws(SystemError) -> Descriptor {
        let number = try check("open", name) {
            aurora_openat(directory, name, flags.rawValue | O_CLOEXEC, mode)
        }
        return Descriptor(adopting: number)
    }

    /// Opens `name` inside this directory (`openat(2)`), always close-on-exec.
    package borrowing func open(
        _ name: String, _ flags: OpenFlags, mode: UInt32 = 0o600
    ) throws(SystemError) -> Descriptor {
        try Descriptor.open(name, in: rawValue, flags, mode: mode)
    }

    /// Closes now and tells an error that `close(2)` may report late (NFS, quota); the descriptor is gone either way.
    package consuming func close() throws(SystemError) {
        let number = rawValue
        discard self
        // close(2) must not be repeated after EINTR on Linux: the number may already belong to someone else.
        if Glibc.close(number) != 0, errno != EINTR { throw .last("close") }
    }

    /// Gives the number away; the caller must close it.
    package consuming func release() -> Int32 {
        let number = rawValue
        discard self
        return number
    }

    /// A second descriptor on the same open file (`F_DUPFD_CLOEXEC`).
    package borrowing func duplicate() throws(SystemError) -> Descriptor {
        Descriptor(adopting: try check("dup", nil) { aurora_duplicate(rawValue, 3) })
    }

    /// Reads at the file offset into `buffer`; returns 0 at the end.
    package borrowing func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        try check("read", nil) { Glibc.read(rawValue, buffer.baseAddress, buffer.count) }
    }

    /// Reads up to `count` bytes at `offset` without moving the file offset; fewer only at the end of the file.
    ///
    /// The array is what the kernel filled: nothing is cleared before or copied after, unless the file is shorter.
    package borrowing func pread(_ count: Int, at offset: Int64) throws(SystemError) -> [UInt8] {
        let number = rawValue
        var failure: SystemError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            do throws(SystemError) {
                while filled < count {
                    let done = filled
                    let more = try check("pread", nil) {
                        Glibc.pread(number, buffer.baseAddress?.advanced(by: done), count - done, off_t(offset) + done)
                    }
                    if more == 0 { break }
                    filled += more
                }
            } catch { failure = error }
        }
        if let failure { throw failure }
        // An answer that is kept must not hold on to the room that was asked for in vain.
        return bytes.count < count ? bytes.withUnsafeBufferPointer { Array($0) } : bytes
    }

    /// Reads from the file offset to the end; throws `EFBIG` beyond `limit` bytes.
    package borrowing func readAll(limit: Int = 64 << 20) throws(SystemError) -> [UInt8] {
        var result: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = try check("read", nil) {
                chunk.withUnsafeMutableBytes { Glibc.read(rawValue, $0.baseAddress, $0.count) }
            }
            if count == 0 { return result }
            if result.count + count > limit { throw SystemError(operation: "read", errno: EFBIG) }
            result.append(contentsOf: chunk.prefix(count))
        }
    }

    /// Writes all bytes at the file offset.
    ///
    /// Not durable before ``synchronize()``.
    package borrowing func write(all bytes: some Collection<UInt8>) throws(SystemError) {
        let array = ContiguousArray(bytes)
        try array.withUnsafeBufferPointer { (buffer) throws(SystemError) in
            try writeAll(UnsafeRawBufferPointer(buffer))
        }
    }

    /// Writes all bytes at the file offset.
    ///
    /// Not durable before ``synchronize()``.
    package borrowing func write(all buffer: UnsafeRawBufferPointer) throws(SystemError) {
        try writeAll(buffer)
    }

    private borrowing func writeAll(_ buffer: UnsafeRawBufferPointer) throws(SystemError) {
        var done = 0
        while done < buffer.count {
            let from = done
            done += try check("write", nil) {
                Glibc.write(rawValue, buffer.baseAddress?.advanced(by: from), buffer.count - from)
            }
        }
    }

    /// Writes all bytes at `offset` without moving the file offset.
    ///
    /// Not durable before ``synchronize()``.
    package borrowing func pwrite(all bytes: [UInt8], at offset: Int64) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            let from = done
            done += try check("pwrite", nil) {
                bytes.withUnsafeBytes { buffer in
                    Glibc.pwrite(
                        rawValue, buffer.baseAddress?.advanced(by: from), buffer.count - from, off_t(offset) + from)
                }
            }
        }
    }

    /// Makes content and attributes durable (`fsync(2)`).
    ///
    /// An error means: unknown, do not retry as success.
    package borrowing func synchronize() throws(SystemError) {
        try check("fsync", nil) { Glibc.fsync(rawValue) }
    }

    /// The same as ``synchronize()`` under the C name.
    package borrowing func fsync() throws(SystemError) { try synchronize() }

    /// Makes content and size durable, not other attributes (`fdatasync(2)`).
    package borrowing func fdatasync() throws(SystemError) {
        try check("fdatasync", nil) { Glibc.fdatasync(rawValue) }
    }

    /// Makes the whole file system of this file durable (`syncfs(2)`).
    package borrowing func synchronizeFileSystem() throws(SystemError) {
        try check("syncfs", nil) { aurora_syncfs(rawValue) }
    }

    /// Type, size, owner and inode (`fstat(2)`).
    package borrowing func stat() throws(SystemError) -> FileStatus {
        var status = Glibc.stat()
        try check("fstat", nil) { fstat(rawValue, &status) }
        return FileStatus(status)
    }

    /// Sets the length in bytes (`ftruncate(2)`).
    package borrowing func truncate(to length: Int64) throws(SystemError) {
        try check("ftruncate", nil) { ftruncate(rawValue, off_t(length)) }
    }

    /// Sets the permission bits (`fchmod(2)`), whatever the umask is.
    package borrowing func setMode(_ mode: UInt32) throws(SystemError) {
        try check("fchmod", nil) { fchmod(rawValue, mode) }
    }

    /// Makes the user this program runs as the owner (`fchown(2)`); does nothing when it is already.
    package borrowing func takeOwnership() throws(SystemError) {
        let status = try stat()
        if status.uid == geteuid() && status.gid == getegid() { return }
        try check("fchown", nil) { fchown(rawValue, geteuid(), getegid()) }
    }

    /// Makes `uid` and `gid` the owners (`fchown(2)`), for which one has to be root; does nothing when they are already.
    package borrowing func setOwner(uid: UInt32, gid: UInt32) throws(SystemError) {
        let status = try stat()
        if status.uid == uid && status.gid == gid { return }
        try check("fchown", nil) { fchown(rawValue, uid, gid) }
    }

    /// Moves the file offset to `offset` bytes from the start (`lseek(2)`).
    package borrowing func seek(to offset: Int64) throws(SystemError) {
        try check("lseek", nil) { lseek(rawValue, off_t(offset), SEEK_SET) }
    }

    /// Reserves blocks past the end without changing the size; does nothing where the file system cannot.
    ///
    /// - Throws: `ENOSPC` or `EDQUOT` when there is no room.
    package borrowing func reserve(_ count: Int64, at offset: Int64) throws(SystemError) {
        do throws(SystemError) {
            try check("fallocate", nil) { aurora_reserve(rawValue, off_t(offset), off_t(count)) }
        } catch  where error.errno == EOPNOTSUPP || error.errno == ENOSYS {
            return
        }
    }
}
