import CShims
import Glibc

/// Tells what happens to the names in one folder (`inotify(7)`).
///
/// One thread at a time takes events; they wait in the kernel meanwhile, a bounded number of them.
package struct FolderWatch: ~Copyable, Sendable {
    /// What happened.
    package enum Event: Hashable, Sendable {
        /// The name is there now, by making or by renaming.
        case appeared(FileName)
        /// The content or attributes changed.
        case changed(FileName)
        /// The name is not there any more.
        case vanished(FileName)
        /// More happened than the kernel kept: look at the folder again.
        case overflow
        /// The folder itself is gone; nothing more will come.
        case ended
    }

    private let queue: Descriptor

    /// Watches an open folder; later renames of it do not matter.
    package init(_ folder: borrowing Descriptor) throws(SystemError) {
        let flags = Int32(IN_CLOEXEC | IN_NONBLOCK)
        let opened = Descriptor(adopting: try check("inotify_init1") { inotify_init1(flags) })
        let number = opened.rawValue
        let place = "/proc/self/fd/\(folder.rawValue)"
        let names = IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM
        let mask = UInt32(names | IN_MODIFY | IN_ATTRIB | IN_DELETE_SELF | Int32(bitPattern: UInt32(IN_ONLYDIR)))
        // inotify takes a path; this one is the open folder itself.
        try check("inotify_add_watch") { inotify_add_watch(number, place, mask) }
        queue = opened
    }

    /// Waits for the next events, at most `timeout`; none when nothing happened.
    package borrowing func next(timeout: Duration) throws(SystemError) -> [Event] {
        let (seconds, attoseconds) = timeout.components
        let milliseconds = min(max(seconds, 0), 86_400) * 1_000 + max(attoseconds, 0) / 1_000_000_000_000_000
        var waiting = pollfd(fd: queue.rawValue, events: Int16(POLLIN), revents: 0)
        guard try check("poll", nil, { poll(&waiting, 1, Int32(milliseconds)) }) > 0 else { return [] }
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = try check("read") { read(queue.rawValue, &buffer, buffer.count) }
        return Self.events(in: buffer.prefix(count))
    }

    /// Reads `struct inotify_event`s: 16 bytes, then the name, filled up with zeros.
    private static func events(in bytes: ArraySlice<UInt8>) -> [Event] {
        var events: [Event] = []
        var rest = bytes
        while rest.count >= 16 {
            let (mask, length) = rest.withUnsafeBytes {
                (
                    $0.loadUnaligned(fromByteOffset: 4, as: UInt32.self),
                    Int($0.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
                )
            }
            rest = rest.dropFirst(16)
            let name = FileName(bytes: Array(rest.prefix(length).prefix { $0 != 0 }))
            rest = rest.dropFirst(length)
            if let event = event(mask, name) { events.append(event) }
        }
        return events
    }

    private static func event(_ mask: UInt32, _ name: FileName) -> Event? {
        func has(_ flags: Int32) -> Bool { mask & UInt32(bitPattern: flags) != 0 }
        if has(IN_Q_OVERFLOW) { return .overflow }
        if has(IN_DELETE_SELF | IN_IGNORED) { return .ended }
        if has(IN_CREATE | IN_MOVED_TO) { return .appeared(name) }
        if has(IN_DELETE | IN_MOVED_FROM) { return .vanished(name) }
        if has(IN_MODIFY | IN_ATTRIB), !name.bytes.isEmpty { return .changed(name) }
        return nil
    }
}
