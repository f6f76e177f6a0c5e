import AuroraSystem
import CSeccomp
import Glibc

/// Whether this machine has a layer, for `aurora doctor` and for the hub's start.
package enum LayerStatus: Hashable, Sendable {
    /// It works; the text says in what form.
    case available(String)
    /// It cannot be there because of how the program was started, and the others carry its part; the text says so.
    case carried(String)
    /// It does not, for this reason; see ``SandboxLayer/remedy``.
    case missing(String)

    /// Whether a hub can work with it.
    package var isAvailable: Bool {
        if case .missing = self { false } else { true }
    }
}

/// Finds out what a machine can do by doing it: each probe starts a harmless program under the layer in question.
package enum Capabilities {
    /// Probes every layer; takes about 100 ms and blocks.
    package static func probe(_ sandbox: Sandbox) -> [SandboxLayer: LayerStatus] {
        var report: [SandboxLayer: LayerStatus] = [
            .landlock: landlock(), .seccomp: seccomp(), .identity: identity(), .bubblewrap: bubblewrap(sandbox),
        ]
        // The whole profile of the unpacking child, with a program that needs no more than its libraries.
        switch attempt(sandbox, wholeProfile(), ["/usr/bin/true"]) {
        case nil:
            for layer in hubLayers where report[layer] == nil { report[layer] = .available("works") }
        case .some(let refusal):
            report[refusal.layer] = .missing(refusal.detail)
            if refusal.layer != .launcher { report[.launcher] = .available("works") }
        }
        return report
    }

    /// A hub has no rooms.
    private static let hubLayers = SandboxLayer.allCases.filter { $0 != .cgroup && $0 != .keeper }

    private static func wholeProfile() -> SandboxProfile {
        var profile = SandboxProfile.parse()
        profile.landlock?.append(LandlockRule(.path("/usr/bin"), [.read, .execute]))
        return profile
    }

    private static func landlock() -> LayerStatus {
        let abi = aurora_landlock_abi()
        return abi >= 2 ? .available("ABI \(abi)") : .missing(abi < 0 ? "not in this kernel" : "only ABI \(abi)")
    }

    private static func seccomp() -> LayerStatus {
        aurora_seccomp_available() == 0 ? .available("filters work") : .missing("the kernel has no filters")
    }

    /// What keeps children apart from a hub that runs as this user; docs/decisions/0002-where-trees-are-unpacked.md.
    package static func identity(_ own: SandboxIdentity = .own) -> LayerStatus {
        guard own.uid != 0 else {
            let users = [SandboxIdentity.unpack, .command, .trial, .signature].map { String($0.uid) }
            return .available("children run as users of their own: \(users.joined(separator: ", "))")
        }
        return .carried(
            "not root: children have the hub's own uid \(own.uid); Landlock, seccomp and limits alone hold those that "
                + "parse, and nothing but their time limit holds apply and health")
    }

    private static func bubblewrap(_ sandbox: Sandbox) -> LayerStatus {
        guard access(BubblewrapProfile.program, X_OK) == 0 else {
            return .missing("\(BubblewrapProfile.program) is not installed")
        }
        var status = stat()
        if stat(BubblewrapProfile.program, &status) == 0, status.st_mode & S_ISUID != 0 {
            return .missing("\(BubblewrapProfile.program) is set-user-id; unprivileged user namespaces are expected")
        }
        let folder: Descriptor
        do {
            folder = try Descriptor.open("/usr/share", [.readOnly, .directory])
        } catch {
            return .missing("\(error)")
        }
        do {
            let result = try sandbox.runTrial(
                BubblewrapProfile(mountPoint: "/tree"), tree: folder.rawValue, command: ["/usr/bin/true"])
            let said = String(decoding: result.errorOutput.prefix(200), as: UTF8.self)
            return result.isSuccess ? .available("works without privileges") : .missing("\(result.outcome) \(said)")
        } catch {
            return .missing(error.detail)
        }
    }

    private static func attempt(
        _ sandbox: Sandbox, _ profile: SandboxProfile, _ command: [String]
    ) -> SandboxRefusal? {
        do {
            let result = try sandbox.run(profile, program: .path(command[0]), arguments: Array(command.dropFirst()))
            return result.isSuccess ? nil : SandboxRefusal(.program, "\(command[0]) ended with \(result.outcome)")
        } catch {
            return error
        }
    }
}
