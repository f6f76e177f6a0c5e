import AuroraRuntime
import AuroraSandbox
import AuroraSystem
import Foundation

/// What a room costs: `/usr/bin/true` started in one, and a command in one that is open, beside other sandboxes.
///
/// Joining a cgroup after a pause waits for all processors (an RCU grace period) on version 1, so starts that follow each
/// other and starts between those of others are told apart.
enum SandboxRows {
    static func run(_ bench: Bench) throws -> [ResultRow] {
        let code = try bench.makeFolder("room")
        let runner = SandboxedRunner(sandbox: Sandbox(launcherPath: try bench.program("aurora-launcher")))
        let identity = SandboxIdentity(uid: 1_879_100_003, gid: 1_879_100_003).whenRoot
        let room = Confinement(id: "bench", identity: identity, code: code)
        let peers = try Peer.all(bench, code)
        var samples = [String: Samples]()
        func add(_ name: String, _ body: () throws -> Void) rethrows {
            samples[name, default: Samples(.seconds)].add(try seconds(body))
        }
        let open = try runner.open(room, output: Silence())
        defer { _ = open.close(grace: .zero) }
        let rounds = bench.isQuick ? 20 : 100
        for _ in 0..<rounds {
            try add("plain") { try start(["/usr/bin/true"]) }
            try add("room") { try check(try runner.run(["/usr/bin/true"], in: room, ConfinedRun()).cause) }
        }
        for _ in 0..<rounds {
            try add("command") { try check(try open.run(["/usr/bin/true"], ConfinedRun()).cause) }
            try add("room between others") {
                try check(try runner.run(["/usr/bin/true"], in: room, ConfinedRun()).cause)
            }
            for peer in peers { try add(peer.name) { try start(peer.command) } }
        }
        func of(_ name: String) -> Samples { samples[name] ?? Samples(.seconds) }
        let over = of("room").median - of("plain").median
        let rows = [
            ResultRow(
                "start in a room after another, over plain", ours: Unit.seconds.text(over),
                peer: "plain: \(of("plain").text)",
                ratio: times(of("room").median, of("plain").median), bar: "≤ 6 ms over", isMet: over <= 0.006),
            ResultRow(
                "a command in an open room", ours: of("command").text, peer: "plain: \(of("plain").text)",
                ratio: times(of("command").median, of("plain").median)),
        ]
        return rows
            + peers.map { peer in
                let (ours, other) = (of("room between others"), of(peer.name))
                return ResultRow(
                    "start in a room, beside \(peer.name)", ours: ours.text, peer: other.text,
                    ratio: times(ours.median, other.median), bar: peer.isToBeat ? "ahead" : "-",
                    isMet: !peer.isToBeat || ours.median < other.median)
            }
    }

    private static func start(_ command: [String]) throws {
        let result = try Processes.run(
            ProcessSpec(
                executable: command[0], arguments: Array(command.dropFirst()), environment: Tool.environment))
        guard result.isSuccess else {
            let said = String(decoding: result.errorOutput.prefix(200), as: UTF8.self)
            throw BenchError("\(command[0]) ended with \(result.outcome): \(said)")
        }
    }

    private static func check(_ cause: ConfinedResult.Cause) throws {
        guard cause == .exited(0) else { throw BenchError("the room's command ended with \(cause)") }
    }

    /// Another sandbox around the same program; the ones that are not installed are left out.
    private struct Peer {
        let name: String
        let command: [String]
        let isToBeat: Bool

        static func all(_ bench: Bench, _ code: String) throws -> [Peer] {
            var peers: [Peer] = []
            if let path = Tool.find("bwrap") {
                let arguments = [
                    "--unshare-all", "--die-with-parent", "--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib",
                    "--symlink", "usr/lib64", "/lib64", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp",
                ]
                peers.append(
                    Peer(name: "bwrap alone", command: [path] + arguments + ["/usr/bin/true"], isToBeat: false))
            }
            if let path = Tool.find("runc") {
                let bundle = try bundle(bench, runc: path)
                let command = [path, "run", "--bundle", bundle, "aurora-bench-\(getpid())"]
                peers.append(Peer(name: "runc", command: command, isToBeat: true))
            }
            if let path = Tool.find("firejail") {
                let command = [path, "--quiet", "--noprofile", "--net=none", "--private", "--seccomp", "/usr/bin/true"]
                peers.append(Peer(name: "firejail", command: command, isToBeat: true))
            }
            return peers
        }

        /// What `runc spec` suggests, with the host's /usr as the file system.
        private static func bundle(_ bench: Bench, runc: String) throws -> String {
            let bundle = try bench.makeFolder("bundle")
            for name in ["rootfs", "rootfs/usr", "rootfs/proc", "rootfs/dev", "rootfs/sys"] {
                try DurableFile.makeDirectory("\(bundle)/\(name)", mode: 0o755)
            }
            for name in ["bin", "lib", "lib64"] {
                try FileManager.default.createSymbolicLink(
                    atPath: "\(bundle)/rootfs/\(name)", withDestinationPath: "usr/\(name)")
            }
            try Tool.run("runc", ["spec", "--bundle", bundle])
            let path = URL(filePath: "\(bundle)/config.json")
            var text = try String(contentsOf: path, encoding: .utf8)
            text = text.replacing("\"terminal\": true", with: "\"terminal\": false")
            text = text.replacing("\"sh\"", with: "\"/usr/bin/true\"")
            let usr = """
                "mounts": [
                    {"destination": "/usr", "type": "bind", "source": "/usr", "options": ["rbind", "ro"]},
                """
            try text.replacing("\"mounts\": [", with: usr).write(to: path, atomically: false, encoding: .utf8)
            return bundle
        }
    }
}

/// Nobody listens.
private struct Silence: OutputSink {
    func receive(_ bytes: [UInt8], from stream: OutputStreamName) {}
}
