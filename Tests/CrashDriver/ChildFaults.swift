import AuroraSystem
import Glibc

/// Stands between the hub and aurora-launcher, so that the sweep reaches the unpacking child as well.
///
/// The child gets no environment but what its specification names. This adds the lines of `child-faults` in the folder
/// (LD_PRELOAD and what the preload library reads) to the specification and runs the real launcher, which puts every
/// layer of the sandbox in place as ever. Nothing of this is in the hub. The specification's layout stands in
/// AuroraSandbox's LauncherSpec.
struct ChildFaults {
    private static let listDescriptor: UInt32 = 8
    private var bytes: [UInt8]
    private var cursor = 0

    /// Never returns: it becomes the launcher, called as `aurora-launcher DESCRIPTOR`.
    static func launch(folder: String, launcher: String, descriptor: String) throws {
        guard let number = Int32(descriptor) else { throw BadState(description: "\(descriptor) is no descriptor") }
        if access("\(folder)/child-faults", F_OK) == 0 { try add("\(folder)/child-faults", to: number) }
        var words = [strdup(launcher), strdup(descriptor), nil]
        execv(launcher, &words)
        throw BadState(description: "cannot run \(launcher)")
    }

    private static func add(_ list: String, to number: Int32) throws {
        let lines = String(decoding: try DurableFile.read(list), as: UTF8.self).split(separator: "\n").map(String.init)
        let counting = lines.first { $0.hasPrefix("COUNT_TO=") }
        var environment = lines.filter { $0 != counting }
        // The child may open no such file itself; it inherits one.
        if counting != nil { environment.append("COUNT_FD=\(listDescriptor)") }
        try edit(number) { try $0.insert(environment: environment, kept: counting == nil ? [] : [listDescriptor]) }
        guard let counting else { return }
        let calls = Glibc.open(String(counting.dropFirst(9)), O_WRONLY | O_CREAT | O_APPEND, 0o600)
        guard dup2(calls, Int32(listDescriptor)) >= 0 else { throw BadState(description: "cannot open \(counting)") }
    }

    private static func edit(_ number: Int32, _ change: (inout ChildFaults) throws -> Void) throws {
        let file = try Descriptor.open("/proc/self/fd/\(number)", .readWrite)
        var faults = ChildFaults(bytes: try file.pread(Int(file.stat().size), at: 0))
        try change(&faults)
        try file.pwrite(all: faults.bytes, at: 0)
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func insert(environment: [String], kept: [UInt32]) throws {
        // The magic and its NUL, then seven numbers and two lists of descriptors.
        cursor = 16 + 7 * 4
        for _ in 0..<2 { skip(try number() * 4) }
        skip(try number() * 12)
        let keptCount = cursor
        skip(try number() * 4)
        let keptEnd = cursor
        for _ in 0..<(try number()) {
            skip(16)
            try skipText()
        }
        for _ in 0..<3 { try skipText() }
        for _ in 0..<(try number()) { try skipText() }
        let environmentCount = cursor
        // From the back, so that the places before stay where they are.
        for text in environment { bytes += Self.little(UInt32(text.utf8.count)) + Array(text.utf8) + [0] }
        try add(environment.count, toNumberAt: environmentCount)
        bytes.insert(contentsOf: kept.flatMap(Self.little), at: keptEnd)
        try add(kept.count, toNumberAt: keptCount)
    }

    private mutating func add(_ count: Int, toNumberAt place: Int) throws {
        cursor = place
        bytes.replaceSubrange(place..<place + 4, with: Self.little(UInt32(try number() + count)))
    }

    private mutating func number() throws -> Int {
        guard cursor + 4 <= bytes.count else { throw BadState(description: "the specification ends early") }
        defer { cursor += 4 }
        return (0..<4).reduce(0) { $0 | Int(bytes[cursor + $1]) << (8 * $1) }
    }

    private mutating func skip(_ count: Int) { cursor += count }
    private mutating func skipText() throws { skip(try number() + 1) }

    private static func little(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
}
