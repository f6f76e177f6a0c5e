import AuroraSystem
import Foundation

/// What somebody who compares two tables must know about the machines.
enum MachineFacts {
    static func text(_ bench: Bench) throws -> String {
        let processor = field("model name", in: "/proc/cpuinfo") ?? "unknown processor"
        let memory = field("MemTotal", in: "/proc/meminfo") ?? "unknown"
        let kernel = line("/proc/sys/kernel/osrelease")
        let disk = (try? Tool.run("stat", ["-f", "-c", "%T", bench.folder]))?.trimmed ?? "unknown"
        let pinning =
            bench.cores.map { "servers on processor \($0.server), clients on processor \($0.client)" }
            ?? "servers and clients share the processors"
        let versions = ["nginx -v", "wrk -v", "python3 --version", "tar --version"].map(version)
        return """
            machine   \(processor), \(allowedCores().count) processors, \(memory) memory, Linux \(kernel)
            folder    \(bench.folder) on \(disk)\(disk == "tmpfs" ? " (memory: nothing here is durable)" : "")
            pinning   \(pinning)
            peers     \(versions.joined(separator: "; "))
            method    \(bench.rounds) rounds unless said otherwise, ours and the peer in turns; median (min – max)
            load      \(load("at the start"))\(bench.isQuick ? "\nQUICK     small files, few rounds: a look" : "")

            """
    }

    /// The load of the machine now: other work makes all figures noisy.
    static func load(_ when: String) -> String {
        "load average \(when): " + line("/proc/loadavg").split(separator: " ").prefix(3).joined(separator: " ")
    }

    /// The processors this process may use.
    static func allowedCores() -> [Int] {
        let list = field("Cpus_allowed_list", in: "/proc/self/status") ?? "0"
        return list.split(separator: ",").flatMap { part -> [Int] in
            let ends = part.split(separator: "-").compactMap { Int($0) }
            guard let first = ends.first, let last = ends.last else { return [] }
            return Array(first...max(first, last))
        }
    }

    /// The value behind `name:` in a file of `/proc`.
    static func field(_ name: String, in file: String) -> String? {
        let lines = line(file, all: true).split(separator: "\n")
        guard let found = lines.first(where: { $0.hasPrefix(name) }) else { return nil }
        return found.split(separator: ":", maxSplits: 1).last.map { String($0).trimmed }
    }

    /// A field of `/proc/<pid>/status` that counts KiB, in bytes; 0 when the process has gone.
    static func bytes(_ name: String, of pid: Int32) -> Double {
        let value = field(name, in: "/proc/\(pid)/status") ?? "0"
        return (Double(value.split(separator: " ").first ?? "0") ?? 0) * 1024
    }

    private static func line(_ file: String, all: Bool = false) -> String {
        // Files of /proc have no size, so they are read to their end.
        guard let bytes = try? DurableFile.read(file) else { return "" }
        let text = String(decoding: bytes, as: UTF8.self)
        return all ? text : text.trimmed
    }

    private static func version(_ command: String) -> String {
        let words = command.split(separator: " ").map(String.init)
        guard let path = Tool.find(words[0]) else { return "\(words[0]) is missing" }
        let spec = ProcessSpec(executable: path, arguments: Array(words.dropFirst()), environment: Tool.environment)
        guard let result = try? Processes.run(spec) else { return "\(words[0]) does not start" }
        let said = String(decoding: result.errorOutput + result.output, as: UTF8.self)
        return said.split(separator: "\n").first.map { String($0.prefix(60)).trimmed } ?? words[0]
    }
}

extension String {
    /// Without the blanks around it.
    var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
