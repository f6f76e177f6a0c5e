import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import Foundation
import Glibc
import Testing

@Suite("Trials in bubblewrap")
struct TrialTests {
    private let sandbox: Sandbox

    init() throws { sandbox = Sandbox(launcherPath: try BuiltPrograms.path("aurora-launcher")) }

    @Test("the arguments are these")
    func golden() throws {
        var profile = BubblewrapProfile(mountPoint: "/srv/app")
        profile.environment = ["B": "2", "A": "1"]
        profile.readOnlyPaths = ["/opt/runtime"]
        let expected = """
            --unshare-all --unshare-user --disable-userns --die-with-parent --new-session --clearenv \
            --setenv PATH /usr/bin:/bin --setenv HOME /tmp --setenv LANG C.UTF-8 --setenv A 1 --setenv B 2 \
            --hostname trial --cap-drop ALL --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/sbin /sbin \
            --symlink usr/lib /lib --symlink usr/lib64 /lib64 --ro-bind-try /etc/ld.so.cache /etc/ld.so.cache \
            --ro-bind-try /etc/alternatives /etc/alternatives --proc /proc --dev /dev --perms 1777 --size 67108864 --tmpfs /dev/shm \
            --remount-ro /dev --perms 1777 --size 67108864 --tmpfs /tmp \
            --ro-bind /opt/runtime /opt/runtime --bind /mnt /srv/app --remount-ro / --chdir /srv/app --seccomp 4 -- \
            bin/health --quick
            """
        #expect(try profile.arguments(command: ["bin/health", "--quick"]).joined(separator: " ") == expected)
    }

    @Test(
        "paths that would cover the sandbox's own are refused",
        arguments: ["", "relative", "/", "/srv/../etc", "/usr/local", "/proc/self", "/dev", "/srv//app", "/srv/"])
    func paths(_ path: String) throws {
        #expect(throws: SandboxRefusal.self) { try BubblewrapProfile(mountPoint: path).arguments(command: ["x"]) }
    }

    @Test("the command sees the copy and the system, not the host")
    func world() throws {
        let result = try trial(
            "cat version; pwd; id -u; ls -A / /root 2>/dev/null; ls /sys/class/net /proc; hostname; env | sort")
        let said = String(decoding: result.output, as: UTF8.self)
        #expect(result.isSuccess || !said.isEmpty, "\(String(decoding: result.errorOutput, as: UTF8.self))")
        let lines = said.split(separator: "\n").map(String.init)
        #expect(lines.prefix(2) == ["1.2.3", "/srv/app"])
        #expect(lines[2] != "0")
        #expect(!lines.contains("work") && !lines.contains("home") && !lines.contains("var"))
        #expect(lines.contains("trial"))
        #expect(!said.contains("SWIFT"))
    }

    @Test("it has no network, cannot write to the system, and makes no further namespaces")
    func denied() throws {
        for attempt in [
            "echo >/dev/tcp/1.1.1.1/53", "touch /usr/x", "touch /etc/x", "unshare -U true", "mount -t tmpfs x /tmp",
        ] {
            let result = try trial("\(attempt)")
            #expect(!result.isSuccess, "\(attempt)")
        }
        let interfaces = try trial("tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '")
        #expect(String(decoding: interfaces.output, as: UTF8.self) == "lo\n")
    }

    @Test("it may change the copy, and the change stays in the copy")
    func writes() throws {
        let result = try trial("echo changed >version && cat version")
        #expect(String(decoding: result.output, as: UTF8.self) == "changed\n")
    }

    @Test("at its time limit everything in it dies")
    func timeLimit() throws {
        let marker = "4712.\(getpid())"
        let result = try trial("setsid sleep \(marker) & sleep \(marker)", timeout: .milliseconds(500))
        #expect(result.outcome == .timedOut)
        // They are killed by then; the kernel takes a moment to be done with them.
        let isGone = try eventually {
            try Processes.run(ProcessSpec(executable: "/usr/bin/pgrep", arguments: ["-f", "sleep \(marker)"]))
                .output == []
        }
        #expect(isGone)
    }

    @Test("a program that is not in the tree is the command's failure")
    func missingProgram() throws {
        let result = try trial("exec /srv/app/missing")
        #expect(!result.isSuccess)
    }

    @Test("this machine offers every layer")
    func capabilities() {
        for (layer, status) in Capabilities.probe(sandbox) {
            #expect(status.isAvailable, "\(layer.rawValue): \(status)")
        }
    }

    @Test("a hub that is not root is told which layers carry its children's part")
    func notRoot() {
        guard case .carried(let text) = Capabilities.identity(SandboxIdentity(uid: 1000, gid: 1000)) else {
            Issue.record("nothing said")
            return
        }
        #expect(text.contains("uid 1000") && text.contains("Landlock") && text.contains("seccomp"))
        #expect(Capabilities.identity(SandboxIdentity(uid: 0, gid: 0)).isAvailable)
    }

    private func trial(_ script: String, timeout: Duration = .seconds(20)) throws -> ProcessResult {
        try withTemporaryDirectory { folder in
            // A folder that the trial's user cannot enter by name, as the hub's staging is.
            guard chmod(folder, 0o700) == 0 else { throw Unexpected("chmod") }
            let tree = "\(folder)/copy"
            try write("1.2.3\n", to: "\(tree)/version")
            let identity = SandboxIdentity.trial.whenRoot
            for path in [tree, "\(tree)/version"] {
                guard chown(path, identity.uid, identity.gid) == 0 else { throw Unexpected("chown") }
            }
            let descriptor = try Descriptor.open(tree, [.readOnly, .directory])
            var profile = BubblewrapProfile(mountPoint: "/srv/app")
            profile.timeout = timeout
            return try sandbox.runTrial(profile, tree: descriptor.rawValue, command: ["/bin/bash", "-c", script])
        }
    }
}
