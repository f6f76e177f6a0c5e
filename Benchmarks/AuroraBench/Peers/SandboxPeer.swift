import AuroraSystem
import Foundation

/// Another sandbox around the same program.
struct SandboxPeer {
    let name: String
    /// Nil when it is not installed.
    let command: [String]?
    let isToBeat: Bool

    /// What is run in every sandbox: it tells when it ran, in nanoseconds since 1970.
    static let program = ["/usr/bin/date", "+%s%N"]

    /// All that are compared; one that is not installed has no command.
    static func all(_ bench: Bench) throws -> [SandboxPeer] {
        [
            SandboxPeer(name: "bwrap alone", command: Tool.find("bwrap").map(bubblewrap), isToBeat: false),
            SandboxPeer(name: "runc", command: try Tool.find("runc").map { try runc(bench, $0) }, isToBeat: true),
            SandboxPeer(name: "firejail", command: Tool.find("firejail").map(firejail), isToBeat: true),
        ]
    }

    private static func bubblewrap(_ path: String) -> [String] {
        [
            path, "--unshare-all", "--die-with-parent", "--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib",
            "--symlink", "usr/lib64", "/lib64", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp",
        ] + program
    }

    private static func firejail(_ path: String) -> [String] {
        [path, "--quiet", "--noprofile", "--net=none", "--private", "--seccomp"] + program
    }

    /// What `runc spec` suggests, with the host's /usr as the file system.
    private static func runc(_ bench: Bench, _ path: String) throws -> [String] {
        let bundle = try bench.makeFolder("bundle")
        for name in ["rootfs", "rootfs/usr", "rootfs/proc", "rootfs/dev", "rootfs/sys"] {
            try DurableFile.makeDirectory("\(bundle)/\(name)", mode: 0o755)
        }
        for name in ["bin", "lib", "lib64"] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(bundle)/rootfs/\(name)", withDestinationPath: "usr/\(name)")
        }
        try Tool.run("runc", ["spec", "--bundle", bundle])
        let file = URL(filePath: "\(bundle)/config.json")
        let usr = """
            "mounts": [
                {"destination": "/usr", "type": "bind", "source": "/usr", "options": ["rbind", "ro"]},
            """
        try String(contentsOf: file, encoding: .utf8)
            .replacing("\"terminal\": true", with: "\"terminal\": false")
            .replacing("\"sh\"", with: program.map { "\"\($0)\"" }.joined(separator: ", "))
            .replacing("\"mounts\": [", with: usr)
            .write(to: file, atomically: false, encoding: .utf8)
        return [path, "run", "--bundle", bundle, "aurora-bench-\(getpid())"]
    }
}
