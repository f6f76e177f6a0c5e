import CShims
import Glibc

/// One name in a directory as the bytes the kernel gave, which need not be UTF-8.
package struct FileName: Hashable, Sendable {
    /// The bytes without the closing zero.
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) { self.bytes = bytes }

    /// The name as text, or nil when its bytes are not valid UTF-8.
    package var text: String? { String(validating: bytes, as: UTF8.self) }

    /// The name for messages: invalid bytes are shown as replacement characters.
    package var display: String { String(decoding: bytes, as: UTF8.self) }

    /// The name so that a person can find it and a shell can be given it (`$'…'`): what is no text as `\xNN`.
    package var escaped: String { Self.escaped(bytes) }

    /// The same of a whole path.
    package static func escaped(_ bytes: [UInt8]) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return bytes.reduce(into: "") { label, byte in
                let isPlain = (0x20..<0x7f).contains(byte) && byte != 0x5c
                label += isPlain ? String(UnicodeScalar(byte)) : hexadecimal(byte)
            }
        }
        return text.unicodeScalars.reduce(into: "") { label, scalar in
            if scalar == "\\" || scalar.properties.generalCategory == .control {
                for byte in String(scalar).utf8 { label += hexadecimal(byte) }
            } else {
                label.unicodeScalars.append(scalar)
            }
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        "\\x" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16)
    }

    /// The status of this name in an open folder, not following a link; nil when nothing has it.
    package func statusIfExists(in directory: Int32) throws(SystemError) -> FileStatus? {
        var status = stat()
        do throws(SystemError) {
            try check("fstatat", display) {
                withUnsafePointer { fstatat(directory, $0, &status, AT_SYMLINK_NOFOLLOW) }
            }
        } catch  where error.errno == ENOENT {
            return nil
        }
        return FileStatus(status)
    }

    /// Opens this name in an open folder as a folder; a link in its place is refused.
    package func openFolder(in directory: Int32) throws(SystemError) -> Descriptor {
        try open(in: directory, [.readOnly, .directory])
    }

    /// Opens this name in an open folder, close-on-exec; a link in its place is refused.
    ///
    /// - Parameter mode: of a file that `flags` make, less the umask.
    package func open(
        in directory: Int32, _ flags: OpenFlags, mode: UInt32 = 0
    ) throws(SystemError) -> Descriptor {
        let flags = flags.rawValue | O_NOFOLLOW | O_CLOEXEC
        return Descriptor(
            adopting: try check("openat", display) {
                withUnsafePointer { aurora_openat(directory, $0, flags, mode) }
            })
    }

    /// The text of the symlink of this name in an open folder, as the kernel's bytes (`readlinkat(2)`).
    ///
    /// - Throws: `EINVAL` when it is no symlink.
    package func linkText(in directory: Int32) throws(SystemError) -> [UInt8] {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let capacity = buffer.count
        let count = try check("readlinkat", display) {
            withUnsafePointer { readlinkat(directory, $0, &buffer, capacity) }
        }
        return buffer.prefix(count).map { UInt8(bitPattern: $0) }
    }

    func withUnsafePointer<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        let terminated = bytes.map { CChar(bitPattern: $0) } + [0]
        return terminated.withUnsafeBufferPointer { buffer in
            // A buffer of at least one element always has an address.
            buffer.baseAddress.map(body) ?? body("")
        }
    }
}

/// Reads the names of a directory.
package enum DirectoryNames {
    /// All names in the folder `path`, as the other form gives them.
    package static func read(in path: String) throws(SystemError) -> [FileName] {
        let directory = try Descriptor.open(path, [.readOnly, .directory])
        return try read(directory.rawValue)
    }

    /// All names but `.` and `..`, sorted by their bytes.
    ///
    /// - Parameters:
    ///   - directory: an open directory; its offset is not moved.
    ///   - most: how many there may be.
    /// - Throws: `EDQUOT` when there are more than `most`.
    package static func read(_ directory: Int32, most: Int = .max) throws(SystemError) -> [FileName] {
        let own = try Descriptor.open(".", in: directory, [.readOnly, .directory])
        guard let stream = fdopendir(own.release()) else { throw .last("fdopendir") }
        defer { closedir(stream) }
        var names: [FileName] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw .last("readdir") }
                break
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) { start in
                    UnsafeBufferPointer(start: start, count: strnlen(start, 256)).map { UInt8(bitPattern: $0) }
                }
            }
            guard name != [46], name != [46, 46] else { continue }
            guard names.count < most else { throw SystemError(operation: "readdir", errno: EDQUOT) }
            names.append(FileName(bytes: name))
        }
        return names.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    }
}
