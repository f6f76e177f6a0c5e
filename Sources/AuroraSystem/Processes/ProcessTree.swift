import Glibc

/// What `/proc` tells about processes and their children.
package enum ProcessTree {
    /// Every process that descends from `pid`, parents before children; may miss what is forked meanwhile.
    package static func descendants(of pid: Int32) -> [Int32] {
        var found: [Int32] = []
        var waiting = children(of: pid)
        while let next = waiting.popLast() {
            found.append(next)
            waiting += children(of: next)
        }
        return found.sorted()
    }

    /// Whether a process descends from `ancestor`; nil when it is gone, or cannot be seen.
    package static func descends(_ pid: Int32, from ancestor: Int32) -> Bool? {
        var next = pid
        // Parents come before their children but for numbers that were used again; no tree is deeper.
        for _ in 0..<10_000 {
            guard let parent = parent(of: next) else { return nil }
            if parent == ancestor { return true }
            if parent <= 1 { return false }
            next = parent
        }
        return nil
    }

    /// The fourth field of proc_pid_stat(5), behind the name in brackets, which may hold anything.
    private static func parent(of pid: Int32) -> Int32? {
        guard let stat = read("/proc/\(pid)/stat"), let end = stat.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = stat[(end + 1)...].split(separator: UInt8(ascii: " "))
        return fields.count < 2 ? nil : Int32(String(decoding: fields[1], as: UTF8.self))
    }

    /// The children of every thread of a process.
    package static func children(of pid: Int32) -> [Int32] {
        let threads = (try? DirectoryNames.read(in: "/proc/\(pid)/task")) ?? []
        return threads.flatMap { thread -> [Int32] in
            guard let text = read("/proc/\(pid)/task/\(thread.display)/children") else { return [] }
            return text.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
                .compactMap { Int32(String(decoding: $0, as: UTF8.self)) }
        }
    }

    /// The command line for people: arguments with blanks between them; the name in brackets of one that has ended.
    package static func command(of pid: Int32) -> String? {
        guard let bytes = read("/proc/\(pid)/cmdline") else { return nil }
        if !bytes.isEmpty {
            let arguments = bytes.split(separator: 0, omittingEmptySubsequences: true)
            return arguments.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
        }
        let name = read("/proc/\(pid)/comm").map { String(decoding: $0, as: UTF8.self) } ?? ""
        return "[\(name.split(separator: "\n").first ?? "")]"
    }

    private static func read(_ path: String) -> [UInt8]? {
        try? Descriptor.open(path, .readOnly).readAll(limit: 4 << 20)
    }
}
