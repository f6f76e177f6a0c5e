package import AuroraSystem
import CSeccomp

extension SandboxProfile {
    /// The outer half of a trial: the unprivileged user and the limits under which bubblewrap itself runs.
    package static func trial(_ inner: BubblewrapProfile) -> SandboxProfile {
        var profile = SandboxProfile(
            name: "trial", identity: SandboxIdentity.trial.whenRoot,
            limits: [
                ResourceLimit(.coreBytes, 0), ResourceLimit(.processes, 512), ResourceLimit(.descriptors, 1024),
                ResourceLimit(.fileBytes, 1 << 30), ResourceLimit(.dataBytes, 2 << 30),
                ResourceLimit(.cpuSeconds, UInt64(max(1, inner.timeout.components.seconds) * 2)),
            ],
            landlock: nil, seccomp: nil, environment: ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"],
            workingDirectory: "/", timeout: inner.timeout, outputLimit: 64 << 10)
        profile.mountedDescriptor = BubblewrapProfile.treeDescriptor
        profile.stop = inner.stop
        return profile
    }
}

extension Sandbox {
    /// Runs a command in a trial sandbox over a copy of a staged tree.
    ///
    /// - Parameters:
    ///   - tree: a directory that belongs to the trial alone: the command may change it. When the hub is root it must
    ///     belong to ``SandboxIdentity/trial``; the directories above it need not be reachable.
    ///   - command: the target's health command.
    /// - Returns: the command's own result; output is bounded, the whole sandbox is dead when this returns.
    package func runTrial(
        _ profile: BubblewrapProfile, tree: Int32, command: [String]
    ) throws(SandboxRefusal) -> ProcessResult {
        let arguments = try profile.arguments(command: command)
        let filter = try memoryFile(SeccompProgram.base.compiled())
        do {
            try filter.seek(to: 0)
        } catch {
            throw SandboxRefusal(.seccomp, "handing the program to bubblewrap: \(error)")
        }
        let result = try run(
            .trial(profile), program: .path(bubblewrap), arguments: arguments,
            descriptors: [
                (BubblewrapProfile.treeDescriptor, tree), (BubblewrapProfile.seccompDescriptor, filter.rawValue),
            ])
        // bubblewrap says "bwrap: …" on standard error and ends with 1 when it could not build the sandbox.
        let said = String(decoding: result.errorOutput.prefix(400), as: UTF8.self)
        if result.outcome == .exited(1), result.output.isEmpty, said.hasPrefix("bwrap: "), !said.contains("execvp") {
            throw SandboxRefusal(.bubblewrap, said.split(separator: "\n").first.map(String.init) ?? said)
        }
        return result
    }
}
