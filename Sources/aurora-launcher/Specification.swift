import CShims
import Glibc

/// The specification's bytes, read whole; strings inside end with a NUL, so C calls can point into them.
final class SpecificationFile {
    private static let limit = 4 << 20

    private static let packetLimit = 64 << 10
    private static let descriptorLimit = 250

    let bytes: UnsafeMutableRawBufferPointer

    /// Reads a file, or takes one packet from a socket.
    init(descriptor: Int32) throws(Failure) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Failure(.specification, "its descriptor is not open") }
        let isSocket = status.st_mode & S_IFMT == S_IFSOCK
        bytes =
            isSocket
            ? try SpecificationFile.receive(from: descriptor)
            : try SpecificationFile.read(descriptor, size: Int(status.st_size))
    }

    private static func read(_ file: Int32, size: Int) throws(Failure) -> UnsafeMutableRawBufferPointer {
        guard size > 0, size <= limit else { throw Failure(.specification, "it has \(size) bytes", code: 0) }
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 8)
        guard pread(file, bytes.baseAddress, size, 0) == size else {
            throw Failure(.specification, "it cannot be read")
        }
        return bytes
    }

    /// The descriptors that come with it get the numbers after the socket's, whatever else the parent left open.
    private static func receive(from socket: Int32) throws(Failure) -> UnsafeMutableRawBufferPointer {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: packetLimit, alignment: 8)
        var descriptors = [Int32](repeating: -1, count: descriptorLimit)
        var count: Int32 = 0
        var size = 0
        repeat {
            size = aurora_launcher_receive(
                socket, bytes.baseAddress, bytes.count, &descriptors, Int32(descriptorLimit), &count, 0)
        } while size < 0 && errno == EINTR
        guard size > 0 else { throw Failure(.specification, "it did not come", code: size < 0 ? errno : 0) }
        // The kernel took the lowest free numbers, so none of them is one that an earlier one is to get.
        for (index, number) in descriptors.prefix(Int(count)).enumerated() {
            let wanted = socket + 1 + Int32(index)
            if number == wanted { continue }
            guard dup2(number, wanted) == wanted else { throw Failure(.specification, "descriptor \(wanted)") }
            close(number)
        }
        return UnsafeMutableRawBufferPointer(rebasing: bytes[..<size])
    }
}

/// What to do before the program runs; see AuroraSandbox's LauncherSpec for the layout.
struct Specification {
    struct Rule {
        let descriptor: UInt32
        let isOptional: Bool
        let access: UInt64
        let path: UnsafePointer<CChar>
    }

    static let none = UInt32.max

    let wantsIdentity: Bool
    let diesWithParent: Bool
    let wantsNoNewPrivileges: Bool
    let wantsLandlock: Bool
    let wantsSeccomp: Bool
    let wantsNetwork: Bool
    let wantsNoCapabilities: Bool
    let isKeeper: Bool
    let isReaper: Bool
    let uid: UInt32
    let gid: UInt32
    let status: Int32
    let program: UInt32
    let mount: UInt32
    let landlockFloor: UInt32
    let groups: [UInt32]
    let shown: [UInt32]
    let limits: [(resource: UInt32, value: UInt64)]
    let kept: [UInt32]
    let rules: [Rule]
    let seccomp: UnsafeRawBufferPointer
    let workingDirectory: UnsafePointer<CChar>
    let path: UnsafePointer<CChar>
    let arguments: [UnsafePointer<CChar>]
    let environment: [UnsafePointer<CChar>]
    /// Owns the bytes that the pointers point into.
    let file: SpecificationFile

    init(_ file: SpecificationFile) throws(Failure) {
        self.file = file
        var reader = Reader(bytes: UnsafeRawBufferPointer(file.bytes))
        try reader.expect("AURORA-LAUNCH-2\u{0}")
        let flags: UInt32 = try reader.number()
        wantsIdentity = flags & 1 != 0
        diesWithParent = flags & 2 != 0
        wantsNoNewPrivileges = flags & 4 != 0
        wantsLandlock = flags & 8 != 0
        wantsSeccomp = flags & 16 != 0
        wantsNetwork = flags & 32 != 0
        wantsNoCapabilities = flags & 64 != 0
        isKeeper = flags & 128 != 0
        isReaper = flags & 256 != 0
        guard flags < 512 else { throw Failure(.specification, "unknown flags", code: 0) }
        uid = try reader.number()
        gid = try reader.number()
        status = Int32(bitPattern: try reader.number())
        program = try reader.number()
        mount = try reader.number()
        landlockFloor = try reader.number()
        groups = try reader.list { (reader) throws(Failure) in try reader.number() }
        shown = try reader.list { (reader) throws(Failure) in try reader.number() }
        limits = try reader.list { (reader) throws(Failure) in (try reader.number(), try reader.number()) }
        kept = try reader.list { (reader) throws(Failure) in try reader.number() }
        rules = try reader.list { (reader) throws(Failure) in
            Rule(
                descriptor: try reader.number(), isOptional: try reader.number() == UInt32(1),
                access: try reader.number(), path: try reader.text())
        }
        seccomp = try reader.data()
        workingDirectory = try reader.text()
        path = try reader.text()
        arguments = try reader.list { (reader) throws(Failure) in try reader.text() }
        environment = try reader.list { (reader) throws(Failure) in try reader.text() }
        try reader.end()
    }
}

/// Reads numbers and strings off the front of the specification; anything unexpected is a failure.
private struct Reader {
    let bytes: UnsafeRawBufferPointer
    private var offset = 0

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func expect(_ text: String) throws(Failure) {
        guard try take(text.utf8.count).elementsEqual(text.utf8) else { throw Reader.malformed }
    }

    mutating func number<Number: FixedWidthInteger>() throws(Failure) -> Number {
        Number(littleEndian: try take(MemoryLayout<Number>.size).loadUnaligned(as: Number.self))
    }

    mutating func list<Item>(_ item: (inout Reader) throws(Failure) -> Item) throws(Failure) -> [Item] {
        let count: UInt32 = try number()
        var items: [Item] = []
        for _ in 0..<count { items.append(try item(&self)) }
        return items
    }

    /// Bytes of a given length and the NUL after them.
    mutating func data() throws(Failure) -> UnsafeRawBufferPointer {
        let count: UInt32 = try number()
        let data = try take(Int(count))
        guard try take(1)[0] == 0 else { throw Reader.malformed }
        return data
    }

    mutating func text() throws(Failure) -> UnsafePointer<CChar> {
        let data = try data()
        guard !data.contains(0), let start = data.baseAddress ?? bytes.baseAddress?.advanced(by: offset - 1) else {
            throw Reader.malformed
        }
        return start.assumingMemoryBound(to: CChar.self)
    }

    func end() throws(Failure) {
        guard offset == bytes.count else { throw Reader.malformed }
    }

    private mutating func take(_ count: Int) throws(Failure) -> UnsafeRawBufferPointer {
        guard count <= bytes.count - offset else { throw Reader.malformed }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }

    private static var malformed: Failure { Failure(.specification, "it is malformed", code: 0) }
}
