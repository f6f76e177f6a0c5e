package import AuroraSystem
import Glibc

/// A room that is open: bubblewrap around the launcher in keeper mode, and the socket to it.
///
/// Everything in the room dies when the thread that opened it ends, or with this object. One thread receives; any may
/// send.
package final class RoomKeeper: Sendable {
    /// What the keeper tells.
    package enum Message: Hashable, Sendable {
        /// The launcher outside, then the one inside, has everything in place.
        case ready
        /// A program has ended.
        case ended(id: UInt32, ProcessOutcome)
        /// Nothing is left running; `lastID` is the newest program it knew of then, and `orphan` how the last process ended
        /// that a program had left behind.
        case empty(lastID: UInt32, orphan: ProcessOutcome?)
        /// A program could not be executed.
        case failed(id: UInt32, errno: Int32)
        /// A layer could not be put in place.
        case refused(SandboxRefusal)
        /// The keeper has gone.
        case gone
    }

    /// bubblewrap outside of the room; the keeper itself where there is no room around it.
    package let process: ChildProcess
    private let socket: PacketSocket
    private let diagnostics: Descriptor

    private let isOutermost: Bool

    /// - Parameter isOutermost: whether `process` is the keeper itself.
    init(
        process: ChildProcess, socket: consuming PacketSocket, diagnostics: consuming Descriptor,
        isOutermost: Bool = false
    ) {
        self.isOutermost = isOutermost
        self.process = process
        self.socket = socket
        self.diagnostics = diagnostics
    }

    /// The keeper's process id here; nil when it has gone.
    package var pid: Int32? { isOutermost ? process.pid : ProcessTree.children(of: process.pid).first }

    /// Readable (`poll`) when there is a message.
    package var descriptor: Int32 { socket.rawValue }

    /// Tells the launcher, which waits for it, what to do before it is a keeper.
    ///
    /// - Parameter descriptors: what the specification names, in the order of its numbers there.
    func specify(_ specification: [UInt8], descriptors: [Int32]) throws(SystemError) {
        do throws(SystemError) {
            try socket.send(specification, descriptors: descriptors)
        } catch  where error.errno == EPIPE || error.errno == ECONNRESET {
            // It has ended; whoever waits for it to be ready learns how.
        }
    }

    /// Asks it to run a program: an absolute path inside and its arguments.
    ///
    /// - Parameters:
    ///   - id: a number that is not in use; it comes back in the messages.
    ///   - streams: standard input, output and error; the caller closes its own copies.
    /// - Throws: what is wrong with the command, or that the keeper has gone.
    package func run(id: UInt32, command: [String], streams: (Int32, Int32, Int32)) throws(SandboxRefusal) {
        guard let program = command.first, program.hasPrefix("/") else {
            throw SandboxRefusal(.program, "'\(command.first ?? "")' is not an absolute path")
        }
        var bytes = RoomKeeper.words([1, id])
        for argument in command {
            guard !argument.utf8.contains(0) else { throw SandboxRefusal(.program, "a NUL stands in an argument") }
            bytes += Array(argument.utf8) + [0]
        }
        guard bytes.count <= 128 << 10 else {
            throw SandboxRefusal(.program, "the arguments of \(program) are longer than 128 KiB")
        }
        do {
            try socket.send(bytes, descriptors: [streams.0, streams.1, streams.2])
        } catch {
            throw SandboxRefusal(.keeper, "it cannot be asked to run \(program): \(error)")
        }
    }

    /// Sends a signal to the process group of one program; does nothing when that has ended.
    package func signal(id: UInt32, _ number: Int32) {
        try? socket.send(RoomKeeper.words([2, id, UInt32(bitPattern: number)]))
    }

    /// Sends a signal to everything in the room.
    package func signalAll(_ number: Int32) {
        try? socket.send(RoomKeeper.words([3, 0, UInt32(bitPattern: number)]))
    }

    /// Lets the keeper end, and with it, at once, everything in the room.
    package func dismiss() { socket.shutDown() }

    /// The next message, or nil when none is there now.
    package func receive() -> Message? {
        do throws(SystemError) {
            guard let packet = try socket.receive() else { return nil }
            return RoomKeeper.message(packet)
        } catch {
            return .gone
        }
    }

    /// What bubblewrap and the launchers said on standard error, at most 400 bytes.
    package func said() -> String {
        let bytes = (try? diagnostics.pread(400, at: 0)) ?? []
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").joined(separator: "; ")
    }

    private static func message(_ packet: [UInt8]) -> Message {
        if packet.isEmpty { return .gone }
        guard packet.count == 16 else { return text(String(decoding: packet, as: UTF8.self)) }
        let words = packet.withUnsafeBytes { bytes in
            (0..<4).map { bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self) }
        }
        let value = Int32(bitPattern: words[3])
        switch words[0] {
        case 1: return .ended(id: words[1], words[2] == 1 ? .exited(value) : .signalled(value))
        case 2:
            let orphan: ProcessOutcome = words[2] == 1 ? .exited(value) : .signalled(value)
            return .empty(lastID: words[1], orphan: words[2] == 0 ? nil : orphan)
        case 3: return .failed(id: words[1], errno: value)
        default: return .gone
        }
    }

    private static func text(_ text: String) -> Message {
        if text == "ready\n" { return .ready }
        let words = text.split(separator: "\n").first?.split(separator: " ", maxSplits: 1) ?? []
        let layer = words.first.flatMap { SandboxLayer(rawValue: String($0)) } ?? .launcher
        return .refused(SandboxRefusal(layer, words.count > 1 ? String(words[1]) : "no reason given"))
    }

    private static func words(_ words: [UInt32]) -> [UInt8] {
        words.withUnsafeBytes { Array($0) }
    }
}
