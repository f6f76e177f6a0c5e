import CSQLite
import Glibc
import Synchronization

/// A layer under SQLite that keeps a checksum in each page of the database file and checks it on each read.
///
/// SQLite notices torn and overwritten pages only where the damage breaks the structure; a flipped bit inside a value
/// is believed. This layer (a "shim VFS", sqlite.org/vfs.html §2.3) adds 8 bytes to the room that each page reserves at
/// its end. A page that does not match fails with `SQLITE_IOERR_DATA`. Frames in the write-ahead log have SQLite's own
/// checksums; a page gets ours when a checkpoint moves it into the main file. Any SQLite can still read the file.
enum PageChecksums {
    static let name = "aurora-checked"
    /// The room in each page, in bytes: two 32-bit sums.
    static let byteCount: Int32 = 8

    /// Registers the layer with SQLite, once per process; `false` when SQLite refuses.
    static func register() -> Bool { isRegistered }

    private static let isRegistered: Bool = {
        guard let base = sqlite3_vfs_find(nil), let name = strdup(name) else { return false }
        let layer = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        // A copy keeps the base's functions for names, randomness and time; only opening a file differs. It lives as
        // long as the process, as SQLite demands.
        layer.initialize(to: base.pointee)
        layer.pointee.pNext = nil
        layer.pointee.zName = UnsafePointer(name)
        layer.pointee.szOsFile = base.pointee.szOsFile + Int32(CheckedFile.headerSize)
        layer.pointee.xOpen = { _, path, file, flags, outFlags in
            CheckedFile.open(path, file, flags, outFlags)
        }
        return sqlite3_vfs_register(layer, 0) == SQLITE_OK
    }()

    /// The checksum of a page without its last 8 bytes, which it fills.
    ///
    /// Two running sums, as in SQLite's own `cksumvfs`: every step can be undone, so any change inside one 32-bit word
    /// changes the result. The page's place in the file is mixed in, so a page at a wrong place is found too.
    static func checksum(of page: UnsafeRawPointer, count: Int, at offset: Int64) -> (UInt32, UInt32) {
        var first = UInt32(truncatingIfNeeded: offset >> 9)
        var second: UInt32 = 0x4155_524F
        var position = 0
        let end = count - Int(byteCount)
        while position < end {
            first = first &+ page.loadUnaligned(fromByteOffset: position, as: UInt32.self).littleEndian &+ second
            second = second &+ page.loadUnaligned(fromByteOffset: position + 4, as: UInt32.self).littleEndian &+ first
            position += 8
        }
        return (first, second)
    }
}

/// One open database file: SQLite's view in front, the real file behind it in the same block of memory.
private enum CheckedFile {
    static let headerSize = 16

    static func open(
        _ path: UnsafePointer<CChar>?, _ file: UnsafeMutablePointer<sqlite3_file>?, _ flags: Int32,
        _ outFlags: UnsafeMutablePointer<Int32>?
    ) -> Int32 {
        guard let base = sqlite3_vfs_find(nil), let openBase = base.pointee.xOpen, let file else { return SQLITE_ERROR }
        guard flags & SQLITE_OPEN_MAIN_DB != 0 else { return openBase(base, path, file, flags, outFlags) }
        file.pointee.pMethods = nil
        let code = openBase(base, path, original(file), flags, outFlags)
        if code == SQLITE_OK { file.pointee.pMethods = FileMethods.shared.table }
        return code
    }

    /// The real file behind `file`.
    static func original(_ file: UnsafeMutablePointer<sqlite3_file>) -> UnsafeMutablePointer<sqlite3_file> {
        UnsafeMutableRawPointer(file).advanced(by: headerSize).assumingMemoryBound(to: sqlite3_file.self)
    }

    /// Whether a read or write of this size is a whole page; SQLite also reads parts of the header.
    private static func isPage(_ count: Int32) -> Bool {
        count >= 512 && count & (count - 1) == 0
    }

    static func read(
        _ file: UnsafeMutablePointer<sqlite3_file>, _ buffer: UnsafeMutableRawPointer, _ count: Int32, _ offset: Int64
    ) -> Int32 {
        let real = original(file)
        guard let code = real.pointee.pMethods?.pointee.xRead?(real, buffer, count, offset) else { return SQLITE_IOERR }
        guard code == SQLITE_OK, isPage(count) else { return code }
        let sums = PageChecksums.checksum(of: buffer, count: Int(count), at: offset)
        let end = Int(count)
        let matches =
            buffer.loadUnaligned(fromByteOffset: end - 8, as: UInt32.self).littleEndian == sums.0
            && buffer.loadUnaligned(fromByteOffset: end - 4, as: UInt32.self).littleEndian == sums.1
        return matches ? SQLITE_OK : pageDamaged
    }

    static func write(
        _ file: UnsafeMutablePointer<sqlite3_file>, _ buffer: UnsafeRawPointer, _ count: Int32, _ offset: Int64
    ) -> Int32 {
        let real = original(file)
        guard let writeBase = real.pointee.pMethods?.pointee.xWrite else { return SQLITE_IOERR }
        guard isPage(count) else { return writeBase(real, buffer, count, offset) }
        let sums = PageChecksums.checksum(of: buffer, count: Int(count), at: offset)
        // SQLite's own memory must not change under it: the sums go into a copy.
        return withUnsafeTemporaryAllocation(byteCount: Int(count), alignment: 8) { page in
            guard let address = page.baseAddress else { return SQLITE_NOMEM }
            address.copyMemory(from: buffer, byteCount: Int(count))
            address.storeBytes(of: sums.0.littleEndian, toByteOffset: Int(count) - 8, as: UInt32.self)
            address.storeBytes(of: sums.1.littleEndian, toByteOffset: Int(count) - 4, as: UInt32.self)
            return writeBase(real, address, count, offset)
        }
    }

    /// `SQLITE_IOERR_DATA`, a macro of shifts that Swift does not import.
    private static let pageDamaged = SQLITE_IOERR | (32 << 8)

    /// Calls the same function of the real file.
    static func forward(
        _ file: UnsafeMutablePointer<sqlite3_file>?,
        _ call: (sqlite3_io_methods, UnsafeMutablePointer<sqlite3_file>) -> Int32?
    ) -> Int32 {
        guard let file else { return SQLITE_MISUSE }
        let real = original(file)
        guard let methods = real.pointee.pMethods?.pointee else { return SQLITE_IOERR }
        return call(methods, real) ?? SQLITE_IOERR
    }
}

/// The table of functions that SQLite calls for an open file.
///
/// Unchecked: written once here, then only read; it lives as long as the process, as SQLite demands.
private final class FileMethods: @unchecked Sendable {
    static let shared = FileMethods()
    let table: UnsafePointer<sqlite3_io_methods>

    private init() {
        var methods = sqlite3_io_methods()
        // Version 2 has shared memory (for WAL) but no memory mapping, which would read behind our back.
        methods.iVersion = 2
        Self.addFileCalls(to: &methods)
        Self.addLockCalls(to: &methods)
        Self.addSharedMemoryCalls(to: &methods)
        let table = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        table.initialize(to: methods)
        self.table = UnsafePointer(table)
    }

    private static func addFileCalls(to methods: inout sqlite3_io_methods) {
        methods.xRead = { file, buffer, count, offset in
            guard let file, let buffer else { return SQLITE_MISUSE }
            return CheckedFile.read(file, buffer, count, offset)
        }
        methods.xWrite = { file, buffer, count, offset in
            guard let file, let buffer else { return SQLITE_MISUSE }
            return CheckedFile.write(file, buffer, count, offset)
        }
        methods.xClose = { file in CheckedFile.forward(file) { $0.xClose?($1) } }
        methods.xTruncate = { file, size in CheckedFile.forward(file) { $0.xTruncate?($1, size) } }
        methods.xSync = { file, flags in CheckedFile.forward(file) { $0.xSync?($1, flags) } }
        methods.xFileSize = { file, size in CheckedFile.forward(file) { $0.xFileSize?($1, size) } }
        methods.xFileControl = { file, operation, argument in
            CheckedFile.forward(file) { $0.xFileControl?($1, operation, argument) }
        }
        methods.xSectorSize = { file in CheckedFile.forward(file) { $0.xSectorSize?($1) } }
        methods.xDeviceCharacteristics = { file in CheckedFile.forward(file) { $0.xDeviceCharacteristics?($1) } }
    }

    private static func addLockCalls(to methods: inout sqlite3_io_methods) {
        methods.xLock = { file, level in CheckedFile.forward(file) { $0.xLock?($1, level) } }
        methods.xUnlock = { file, level in CheckedFile.forward(file) { $0.xUnlock?($1, level) } }
        methods.xCheckReservedLock = { file, result in CheckedFile.forward(file) { $0.xCheckReservedLock?($1, result) }
        }
    }

    private static func addSharedMemoryCalls(to methods: inout sqlite3_io_methods) {
        methods.xShmMap = { file, region, size, extend, result in
            CheckedFile.forward(file) { $0.xShmMap?($1, region, size, extend, result) }
        }
        methods.xShmLock = { file, offset, count, flags in
            CheckedFile.forward(file) { $0.xShmLock?($1, offset, count, flags) }
        }
        methods.xShmBarrier = { file in
            _ = CheckedFile.forward(file) { methods, real in
                methods.xShmBarrier?(real)
                return SQLITE_OK
            }
        }
        methods.xShmUnmap = { file, delete in CheckedFile.forward(file) { $0.xShmUnmap?($1, delete) } }
    }
}
