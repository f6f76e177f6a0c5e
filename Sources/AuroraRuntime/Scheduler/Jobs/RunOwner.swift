import AuroraSystem

/// The process that carries a run out, so that others can tell whether it still exists: the start of the machine, the
/// process id, and when that process began (which tells it from a later one of the same number).
package struct RunOwner: Hashable, Sendable {
    /// One line: `BOOT-ID PID START`.
    package let text: String

    /// What the database kept.
    package init(text: String) { self.text = text }

    /// This process.
    package static func own() -> RunOwner {
        let pid = (try? FileTree.readLink("/proc/self")) ?? "0"
        return RunOwner(text: "\(BootClock.bootID()) \(pid) \(startTime(pid) ?? "-")")
    }

    /// Whether the process still exists.
    package static func isAlive(_ owner: RunOwner) -> Bool {
        let parts = owner.text.split(separator: " ").map(String.init)
        guard parts.count == 3, parts[0] == BootClock.bootID(), parts[1].allSatisfy(\.isNumber) else { return false }
        return startTime(parts[1]) == parts[2]
    }

    /// Field 22 of `/proc/PID/stat`, in ticks since the machine was started (proc_pid_stat(5)).
    private static func startTime(_ pid: String) -> String? {
        guard let file = try? Descriptor.open("/proc/\(pid)/stat", .readOnly),
            let bytes = try? file.readAll(limit: 8192)
        else { return nil }
        // The name of the program comes in parentheses and may hold any byte.
        guard let end = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = String(decoding: bytes[(end + 1)...], as: UTF8.self).split(separator: " ")
        // A process that has ended and waits to be collected runs nothing any more.
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return String(fields[19])
    }
}
