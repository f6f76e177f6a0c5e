import AuroraRuntime
import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import Glibc
import Testing

/// Real attempts from inside of a room; each is made outside as well, where it works, so that the test can fail.
@Suite(
    "Attacks from inside of a room, defect 47 among them", .enabled(if: SandboxIdentity.own.uid == 0, "needs root"))
struct AttackTests {
    struct Attack: CustomTestStringConvertible, Sendable {
        /// What stands for the attack's argument.
        enum Value: Sendable {
            case none
            case text(String)
            case port, abstractName, victim, worldWritable, secret
            /// The victim outside, the keeper of the room inside.
            case first
        }

        let name: String
        var value = Value.none
        /// How a denial ends the program.
        var ending = ConfinedResult.Cause.exited(1)
        var testDescription: String { name }

        init(_ name: String, _ value: Value = .none, ending: ConfinedResult.Cause = .exited(1)) {
            self.name = name
            self.value = value
            self.ending = ending
        }
    }

    static let all: [Attack] = [
        // Files.
        Attack("write-etc"), Attack("write-usr"), Attack("write-file", .worldWritable), Attack("read-file", .secret),
        Attack("read-file", .text("/etc/shadow")), Attack("read-file", .text("/etc/passwd")), Attack("core-pattern"),
        Attack("make-device"), Attack("cgroup"),
        // Network.
        Attack("tcp", .port), Attack("udp", .port), Attack("mptcp", .port), Attack("inet6"),
        Attack("abstract", .abstractName), Attack("netlink"), Attack("packet"), Attack("vsock"),
        // Processes.
        Attack("signal", .victim), Attack("ptrace", .victim), Attack("ptrace-child"), Attack("memory-of", .first),
        Attack("descriptors-of", .first), Attack("become-root"),
        // The kernel.
        Attack("mount"), Attack("chroot"), Attack("unshare-users"), Attack("unshare-users-mount"),
        Attack("clone-users"), Attack("clone3"), Attack("keyctl"), Attack("bpf"), Attack("io_uring"),
        Attack("name_to_handle_at"), Attack("open_tree_attr"), Attack("userfaultfd"), Attack("perf_event_open"),
        Attack("terminal"), Attack("foreign-architecture", ending: .signalled(SIGSYS)),
        Attack("descriptor", .text("77")),
    ]

    @Test("is denied, and works outside", arguments: all, RoomFixture.configurations)
    func denied(_ attack: Attack, _ configuration: SandboxConfiguration) throws {
        // The launcher itself gets descriptor 77, as from a parent that forgot to close it.
        let forgetful = ["/bin/bash", "-c", "exec 77</etc/passwd; exec \"$@\"", "bash"]
        try withRoom(configuration, wrapper: forgetful) { fixture in
            try AttackProgram.place(in: fixture)
            let host = try AttackedHost(fixture)
            defer { host.end() }
            try write("open to all", to: "\(fixture.folder)/world", mode: 0o666)
            try write("secret", to: "\(fixture.folder)/secret", mode: 0o600)
            let outside = try Self.attackOutside(attack, Self.value(attack, host, fixture, isInside: false))
            // Said, so that a row of the table that this machine cannot try is not taken for one that holds.
            if outside.outcome == .exited(3) { return print("not tried: this machine has no \(attack.name)") }
            #expect(outside.isSuccess, "outside: \(outside.outcome) \(String(decoding: outside.output, as: UTF8.self))")
            let inside = try fixture.runner.run(
                ["/pack/attack", attack.name, Self.value(attack, host, fixture, isInside: true)], in: fixture.room,
                ConfinedRun())
            #expect(inside.cause == attack.ending, "\(inside.text)\(inside.errorText)")
        }
    }

    @Test("the host's network is reached only by a room that has it", arguments: RoomFixture.configurations)
    func network(_ configuration: SandboxConfiguration) throws {
        try withRoom(configuration) { fixture in
            try AttackProgram.place(in: fixture)
            let host = try AttackedHost(fixture)
            defer { host.end() }
            fixture.room.network = .shared
            func attack(_ name: String, _ value: String = "") throws -> ConfinedResult.Cause {
                try fixture.runner.run(["/pack/attack", name, value], in: fixture.room, ConfinedRun()).cause
            }
            #expect(try attack("tcp", host.port) == .exited(0))
            for name in ["mptcp", "netlink", "packet"] { #expect(try attack(name, host.port) == .exited(1), "\(name)") }
            #expect(try attack("abstract", host.name) == .exited(1))
        }
    }

    private static func value(
        _ attack: Attack, _ host: AttackedHost, _ fixture: RoomFixture, isInside: Bool
    ) -> String {
        switch attack.value {
        case .none: ""
        case .text(let text): text
        case .port: host.port
        case .abstractName: host.name
        case .victim: host.victim
        case .worldWritable: "\(fixture.folder)/world"
        case .secret: "\(fixture.folder)/secret"
        case .first: isInside ? "1" : host.victim
        }
    }

    /// In a mount namespace of its own, so that what works does no harm.
    private static func attackOutside(_ attack: Attack, _ value: String) throws -> ProcessResult {
        let null = try Descriptor.open("/dev/null", .readOnly)
        return try Processes.run(
            ProcessSpec(
                executable: "/usr/bin/unshare", arguments: ["-m", try AttackProgram.path, attack.name, value],
                descriptors: [(77, null.rawValue)]))
    }
}
