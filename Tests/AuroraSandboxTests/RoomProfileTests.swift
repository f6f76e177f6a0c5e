import AuroraSandbox
import Testing

/// bubblewrap is a program without a policy: its arguments are the policy, so each list is written down here.
@Suite("A room's permissions as bubblewrap's arguments")
struct RoomProfileTests {
    private static let start = """
        --clearenv --hostname pack01 --cap-drop ALL
        """
    private static let system = """
        --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/sbin /sbin --symlink usr/lib /lib \
        --symlink usr/lib64 /lib64 --ro-bind-try /etc/ld.so.cache /etc/ld.so.cache \
        --ro-bind-try /etc/alternatives /etc/alternatives
        """
    private static let network = """
        --ro-bind-try /etc/resolv.conf /etc/resolv.conf --ro-bind-try /etc/hosts /etc/hosts \
        --ro-bind-try /etc/nsswitch.conf /etc/nsswitch.conf --ro-bind-try /etc/ssl/certs /etc/ssl/certs
        """
    private static let places = """
        --proc /proc --dev /dev --perms 1777 --size 67108864 --tmpfs /dev/shm --remount-ro /dev \
        --perms 1777 --size 67108864 --tmpfs /tmp --ro-bind /mnt/0 /.aurora-launcher --ro-bind /mnt/1 /pack
        """
    private static let end = "--remount-ro / --chdir /pack -- /.aurora-launcher 4"

    private func profile() -> RoomProfile {
        RoomProfile(hostname: "pack01", identity: SandboxIdentity(uid: 70_000, gid: 70_000), code: "/store/x")
    }

    private func text(_ profile: RoomProfile, mounts: Int = 0) throws -> String {
        let sources = (0..<2 + mounts).map { "/mnt/\($0)" }
        return try profile.arguments(sources: sources, specification: 4).joined(separator: " ")
    }

    @Test("no permission at all")
    func nothing() throws {
        let head = "--unshare-all --unshare-user --disable-userns --die-with-parent --new-session --as-pid-1"
        #expect(try text(profile()) == [head, Self.start, Self.system, Self.places, Self.end].joined(separator: " "))
    }

    @Test("no permission at all, made by root")
    func privileged() throws {
        var profile = profile()
        profile.configuration = .privileged
        let head = """
            --unshare-ipc --unshare-pid --unshare-uts --unshare-cgroup --unshare-net \
            --die-with-parent --new-session --as-pid-1
            """
        let capabilities = "--cap-add CAP_SETUID --cap-add CAP_SETGID --cap-add CAP_SETPCAP"
        let parts = [head, Self.start, capabilities, Self.system, Self.places, Self.end]
        #expect(try text(profile) == parts.joined(separator: " "))
    }

    @Test("the host's network", arguments: SandboxConfiguration.allCases)
    func network(_ configuration: SandboxConfiguration) throws {
        var profile = profile()
        profile.hasNetwork = true
        profile.configuration = configuration
        let text = try text(profile)
        #expect(text.contains(Self.network))
        #expect(text.contains("--share-net") == (configuration == .unprivileged))
        #expect(!text.contains("--unshare-net"))
    }

    @Test("folders, and nothing of the environment")
    func folders() throws {
        var profile = profile()
        profile.mounts = [
            RoomProfile.Mount(host: "/srv/data", inside: "/data/pack01/1", isWritable: true),
            RoomProfile.Mount(host: "/srv/maps", inside: "/maps"),
        ]
        profile.environment = ["TOKEN": "secret"]
        let text = try text(profile, mounts: 2)
        #expect(text.contains("/pack --bind /mnt/2 /data/pack01/1 --ro-bind /mnt/3 /maps --remount-ro /"))
        #expect(!text.contains("secret"))
    }

    @Test("a smaller private folder")
    func temporary() throws {
        var profile = profile()
        profile.temporaryBytes = 4096
        #expect(try text(profile).contains("--size 4096 --tmpfs /dev/shm"))
        #expect(try text(profile).contains("--size 4096 --tmpfs /tmp"))
    }

    @Test("Landlock allows exactly the places that are shown")
    func landlock() {
        var profile = profile()
        profile.mounts = [
            RoomProfile.Mount(host: "/srv/data", inside: "/data", isWritable: true),
            RoomProfile.Mount(host: "/srv/maps", inside: "/maps"),
        ]
        let expected = [
            LandlockRule(.path("/"), .readDirectory), LandlockRule(.path("/usr"), .use),
            LandlockRule(.optionalPath("/etc"), .read), LandlockRule(.path("/proc"), .read),
            LandlockRule(.path("/dev"), .device), LandlockRule(.path("/dev/shm"), .keep),
            LandlockRule(.path("/tmp"), .keep), LandlockRule(.path("/pack"), .use), LandlockRule(.path("/data"), .keep),
            LandlockRule(.path("/maps"), .use),
        ]
        #expect(profile.landlock == expected)
        #expect(!LandlockRule.Access.keep.contains(.execute), "what a program writes it does not execute")
    }

    @Test("seccomp denies Internet sockets without the network, and all of the list with it")
    func seccomp() {
        var profile = profile()
        let internet = [2, 10].map {
            SeccompProgram.Rule("socket", error: 97, when: .equal(argument: 0, $0))
        }
        #expect(profile.seccomp.rules.suffix(2) == internet[...])
        profile.hasNetwork = true
        #expect(profile.seccomp == .base)
    }

    @Test("host names that are none are refused", arguments: ["", "a/b", "a b", String(repeating: "x", count: 64)])
    func hostname(_ name: String) throws {
        var profile = profile()
        profile.hostname = name
        #expect(throws: SandboxRefusal.self) { try text(profile) }
    }
}
