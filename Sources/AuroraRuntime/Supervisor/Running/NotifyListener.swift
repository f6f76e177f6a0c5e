import AuroraSystem

/// The socket on which one service says that it is ready and alive (sd_notify(3)), until this object is told to end.
///
/// Only messages of the room's own user count, by the kernel's word; others are ignored.
final class NotifyListener: Sendable {
    /// Where the service finds it in its room.
    static let inside = "/run/aurora/notify"

    private let socket: LocalSocket
    private let stop: StopSignal

    /// Binds `path` and takes messages on a thread of its own.
    init(
        path: String, uid: UInt32, report: @escaping @Sendable (ServiceMachine.Report) -> Void
    ) throws(SystemError) {
        // The folder around it is closed to others; the room's user must be able to write to the socket itself.
        let socket = try LocalSocket(.datagram, path: path, mode: 0o666)
        let stop = try StopSignal()
        self.socket = socket
        self.stop = stop
        let thread = ServiceThread(name: "pack-notify", stackSize: 256 << 10) {
            while let message = try? socket.receive(stop: stop) {
                guard message.sender.uid == uid, message.sender.pid != 0 else { continue }
                NotifyListener.reports(message.bytes).forEach(report)
            }
        }
        guard let thread else { throw SystemError.noThread(for: "pack-notify") }
        thread.leave()
    }

    deinit { stop.raise() }

    /// What the lines of a message mean; unknown ones mean nothing.
    static func reports(_ bytes: [UInt8]) -> [ServiceMachine.Report] {
        bytes.split(separator: 10).compactMap { line in
            switch String(decoding: line, as: UTF8.self) {
            case "READY=1": .ready
            case "WATCHDOG=1": .ping
            default: nil
            }
        }
    }
}
