import AuroraSystem

extension FactsReader {
    func system() -> DeviceFacts.System {
        var system = DeviceFacts.System()
        let release = ["/etc/os-release", "/usr/lib/os-release"].map { pairs($0, separator: "=") }.first { !$0.isEmpty }
        system.id = release?["ID"] ?? ""
        system.version = release?["VERSION_ID"] ?? ""
        system.name = release?["PRETTY_NAME"] ?? ""
        system.kernel = line("/proc/sys/kernel/osrelease")
        if system.kernel.isEmpty {
            // "Linux version 6.6.31+rpt-rpi-2712 (builder@host) …"
            let words = line("/proc/version").split(separator: " ")
            if words.count > 2, words[1] == "version" { system.kernel = String(words[2]) }
        }
        // sd_booted(3): the folder is there exactly when systemd runs the machine.
        let isSystemd = files.status("/run/systemd/system")?.kind == .directory
        system.initSystem = isSystemd ? "systemd" : line("/proc/1/comm")
        return system
    }

    /// The processor's name where the running kernel cannot be asked: since Linux 6.1 there is a file for it.
    func machine() -> String {
        let name = line("/proc/sys/kernel/arch")
        if !name.isEmpty { return name }
        let facts = pairs("/proc/cpuinfo", separator: ":")
        switch facts["CPU architecture"] {
        case "8": return "aarch64"
        case "7": return "armv7l"
        default: break
        }
        if let isa = facts["isa"], isa.hasPrefix("rv64") { return "riscv64" }
        // Long mode, the processor's own word for 64 bits.
        if let flags = facts["flags"] { return flagsName(flags) }
        return ""
    }

    private func flagsName(_ flags: String) -> String {
        let all = files.text("/proc/cpuinfo") ?? flags
        return all.split(whereSeparator: \.isWhitespace).prefix(4000).contains("lm") ? "x86_64" : "i686"
    }

    /// Processors that are switched on.
    func cores() -> Int {
        var count = 0
        for range in line("/sys/devices/system/cpu/online").split(separator: ",").prefix(1024) {
            let ends = range.split(separator: "-").compactMap { UInt16($0) }
            guard let first = ends.first, let last = ends.last, first <= last else { continue }
            count += Int(last) - Int(first) + 1
        }
        if count > 0 { return count }
        let lines = (files.text("/proc/cpuinfo", limit: 1 << 20) ?? "").split(separator: "\n")
        return lines.filter { $0.hasPrefix("processor") }.count
    }

    /// Bytes of memory the kernel manages.
    func memory() -> UInt64 {
        let words = (pairs("/proc/meminfo", separator: ":")["MemTotal"] ?? "").split(separator: " ")
        guard let kilobytes = words.first.flatMap({ UInt64($0) }) else { return 0 }
        let bytes = kilobytes.multipliedReportingOverflow(by: 1024)
        return bytes.overflow ? 0 : bytes.partialValue
    }

    /// The first of each name on the usual path; `/bin` is often the same folder as `/usr/bin`.
    func interpreters() -> [DeviceFacts.Interpreter] {
        ["python3", "bash", "sh", "busybox", "perl", "node", "ruby", "lua"].compactMap { name in
            let path = ["/usr/local/bin", "/usr/bin", "/bin"].map { "\($0)/\(name)" }.first { path in
                guard let status = files.status(path) else { return false }
                return status.kind == .regular && status.mode & 0o111 != 0
            }
            return path.map { DeviceFacts.Interpreter(name: name, path: $0) }
        }
    }

    func time() -> DeviceFacts.Time {
        let services = [
            ("systemd-timesyncd", "/run/systemd/timesync"), ("chrony", "/run/chrony"), ("ntpd", "/run/ntpd.pid"),
        ]
        var time = DeviceFacts.Time()
        time.service = services.first { files.status($0.1) != nil }?.0 ?? ""
        if files.status("/run/systemd/timesync/synchronized") != nil { time.isSynchronized = true }
        return time
    }

    func container() -> String {
        // systemd and the managers that follow its interface write their own word: systemd.io/CONTAINER_INTERFACE.
        let told = line("/run/systemd/container")
        if !told.isEmpty { return told == "oci" ? "docker" : told }
        if files.status("/run/.containerenv") != nil { return "podman" }
        let groups = files.text("/proc/1/cgroup") ?? ""
        if groups.contains("/kubepods") { return "kubernetes" }
        if files.status("/.dockerenv") != nil || groups.contains("/docker") { return "docker" }
        if groups.contains("/libpod-") { return "podman" }
        if groups.contains("/lxc") { return "lxc" }
        let environment = (files.bytes("/proc/1/environ") ?? []).split(separator: 0)
        let word = environment.first { $0.starts(with: "container=".utf8) }.map {
            String(decoding: $0.dropFirst(10), as: UTF8.self)
        }
        return word.map { Self.printable($0) }.flatMap { $0.isEmpty ? nil : $0 } ?? "none"
    }
}
