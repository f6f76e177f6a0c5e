import AuroraModel
import AuroraRuntime
import AuroraSystem
import AuroraTestSupport
import Glibc

@testable import AuroraPacks

extension FieldCase {
    /// How many processes a program could have beside itself.
    private static let forks = """
        python3 - > packs/data/seen <<'PY'
        import os, signal
        children = []
        try:
            while len(children) < 60:
                child = os.fork()
                if child == 0:
                    signal.pause()
                children.append(child)
            print("as many as it wants")
        except OSError as error:
            print("denied:", error.strerror, "below 30" if len(children) < 30 else "above")
        for child in children:
            os.kill(child, signal.SIGKILL)
        PY
        """

    /// What a pack finds of a folder called `lent`.
    private static let looking = """
        if [ -e mnt/lent/file ]; then echo there; else echo not there; fi >> packs/data/seen
        if touch mnt/lent/mine 2>/dev/null; then echo writable; else echo not writable; fi >> packs/data/seen
        """

    private static func lent(_ trial: FieldTrial) throws -> String {
        let folder = "\(trial.bench.folder)/lent"
        try write("lent", to: "\(folder)/file")
        guard chmod(folder, 0o777) == 0 else { throw SystemError(operation: "chmod", path: folder, errno: errno) }
        trial.bench.configuration.mounts = Dictionary(
            uniqueKeysWithValues: [MountName("lent")].compactMap { $0 }.map { ($0, folder) })
        return try trial.seen()
    }

    /// What a pack may use and reach, seen from inside of its room.
    static let room: [FieldCase] = [
        FieldCase(
            "pack.resources.memory_mb", [(32, "a: install.sh ran out of memory"), (512, "committed")],
            FieldPack(files: ["install.sh": "exec python3 -c 'bytearray(b\"x\") * (200 << 20)'"])
        ) { try $0.run() },
        FieldCase(
            "pack.resources.processes",
            [(16, "denied: Resource temporarily unavailable below 30"), (256, "as many as it wants")],
            FieldPack(files: ["install.sh": forks])
        ) { try $0.seen() },
        FieldCase(
            "pack.resources.cpu_percent", [(5, "waits for its turn"), (nil, "never waits")],
            FieldPack([("pack.service.readiness", "none")], files: ["start.sh": "while :; do :; done &"])
        ) { trial in
            try trial.core { running in
                guard running.settled() == "READY ready",
                    let pid = running.core.supervisor.status.first?.processes.first?.pid
                else { return "does not run" }
                _ = try eventually { try throttled(pid) > 0 || ticks(pid) > 200 }
                return try throttled(pid) > 0 ? "waits for its turn" : "never waits"
            }
        },
        FieldCase(
            "pack.resources.tmp_mb", [(4, "No space left on device"), (64, "fits")],
            FieldPack(files: [
                "install.sh": "head -c 8m /dev/zero 2>packs/data/seen >/tmp/x && echo fits > packs/data/seen; "
                    + "sed -i 's/.*: //' packs/data/seen"
            ])
        ) { try $0.seen() },
        FieldCase(
            "pack.resources.file_mb", [(1, "1048576"), (16, "4194304")],
            FieldPack(files: [
                "install.sh": "head -c 4m /dev/zero > packs/data/x; stat -c %s packs/data/x > packs/data/seen"
            ])
        ) { try $0.seen() },
        FieldCase(
            "pack.resources.storage_mb",
            [
                (1, "rolledBack: a did not start: a keeps more than 1 MiB in its data and logs."), (16, "committed"),
            ], FieldPack(files: ["install.sh": "head -c 2m /dev/zero > packs/data/x"])
        ) { String(try $0.run().prefix { $0 != ";" }) },
        FieldCase(
            "pack.resources.storage_files",
            [
                (3, "rolledBack: a did not start: a keeps more than 3 files and folders in its data and logs."),
                (nil, "committed"),
            ],
            FieldPack(files: ["install.sh": "for i in 1 2 3 4; do : > packs/data/$i; done"])
        ) { String(try $0.run().prefix { $0 != ";" }) },
        FieldCase(
            "pack.permissions.network", [("none", "unreachable"), ("shared", "reached"), (nil, "unreachable")],
            FieldPack(files: [
                // Also with the grant, a change reaches nothing: only the service does.
                "install.sh": "! (exec 3<>/dev/tcp/127.0.0.1/$(cat packs/a/port)) 2>/dev/null",
                "start.sh": "if (exec 3<>/dev/tcp/127.0.0.1/$(cat packs/a/port)) 2>/dev/null; "
                    + "then echo reached; else echo unreachable; fi > packs/data/seen",
            ])
        ) { trial in
            let port = try LoopbackPort()
            trial.pack.files["port"] = "\(port.number)"
            return try withExtendedLifetime(port) { try trial.seen() }
        },
        FieldCase(
            "pack.permissions.fs_read",
            [
                ([], "not there, not writable"), (["lent"], "there, not writable"), (["other"], "mount_unknown"),
            ], FieldPack(files: ["install.sh": looking]), lent),
        FieldCase(
            "pack.permissions.fs_write",
            [([], "not there, not writable"), (["lent"], "there, writable"), (["other"], "mount_unknown")],
            FieldPack(files: ["install.sh": looking]), lent),
        FieldCase(
            "pack.permissions.fs_write", [([], "no socket"), (["core-control"], "a socket")],
            FieldPack(
                [("pack.service.readiness", "none")],
                files: [
                    "start.sh":
                        "if [ -S run/core.sock ]; then echo a socket; else echo no socket; fi > packs/data/control"
                ])
        ) { trial in
            try trial.core { running in
                _ = running.settled()
                return try trial.bench.data("a", "control")?.split(separator: "\n").joined() ?? "nothing"
            }
        },
    ]

    /// Periods in which the group of a process had to wait for its processor time.
    private static func throttled(_ pid: Int32) throws -> Int {
        let own = try readText("/proc/\(pid)/cgroup").split(separator: "\n").map { line in
            line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        }
        for line in try readText("/proc/mounts").split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            let isVersion2 = words[2] == "cgroup2"
            guard isVersion2 || words[2] == "cgroup" && words[3].split(separator: ",").contains("cpu") else { continue }
            let group = own.first { $0[1].split(separator: ",").contains("cpu") || isVersion2 && $0[1].isEmpty }
            guard let group, let text = try? readText("\(words[1])\(group[2])/cpu.stat") else { continue }
            let line = text.split(separator: "\n").first { $0.hasPrefix("nr_throttled ") }
            if let line { return Int(line.dropFirst("nr_throttled ".count)) ?? 0 }
        }
        return 0
    }

    /// Hundredths of a second of processor time that a process has used.
    private static func ticks(_ pid: Int32) throws -> Int {
        // After the name in brackets come the fields from the third on; the fourteenth is the time in user mode.
        let fields = try readText("/proc/\(pid)/stat").split(separator: ")").last?.split(separator: " ") ?? []
        return fields.count > 11 ? Int(fields[11]) ?? 0 : 0
    }
}
