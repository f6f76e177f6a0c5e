import CShims
import Glibc

/// What descends from a keeper that has no process namespace around it.
///
/// It adopts orphans, so every descendant is its child, or a child of one of its children, at any time.
enum Descendants {
    /// Sends a signal to all of them that can be seen now.
    static func signal(_ number: Int32) {
        for pid in all(stopping: false) { kill(pid, number) }
    }

    /// Stops, kills and collects until none is left; a stopped one starts no further ones.
    static func end() {
        while true {
            for pid in all(stopping: true) { kill(pid, SIGKILL) }
            var how: Int32 = 0
            var value: Int32 = 0
            if waitid(P_ALL, 0, nil, WEXITED | WNOWAIT) != 0, errno == ECHILD { return }
            while aurora_launcher_reap(&how, &value) > 0 {}
        }
    }

    /// Parents before children.
    ///
    /// A stopped parent collects no child, so no number below it changes its owner.
    private static func all(stopping: Bool) -> [pid_t] {
        var found: [pid_t] = []
        var waiting = children(of: getpid())
        while let next = waiting.popLast() {
            if stopping { kill(next, SIGSTOP) }
            found.append(next)
            waiting += children(of: next)
        }
        return found
    }

    /// `/proc/PID/task/PID/children`: numbers with blanks between them.
    private static func children(of pid: pid_t) -> [pid_t] {
        let file = open("/proc/\(pid)/task/\(pid)/children", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        let count = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
        return bytes.prefix(max(0, count)).split { $0 < 0x30 || $0 > 0x39 }
            .compactMap { pid_t(String(decoding: $0, as: UTF8.self)) }
    }
}
