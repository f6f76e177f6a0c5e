package import AuroraSystem
import CSeccomp

/// Starts programs through `aurora-launcher`, which puts every layer of a profile in place before it executes them.
///
/// A layer that cannot be put in place is a refusal that names it; nothing ever runs with less. Safe from any thread;
/// `run` blocks.
package struct Sandbox: Sendable {
    /// The program to execute.
    package enum Program: Sendable {
        /// An absolute path, opened after the rights were dropped; scripts work.
        case path(String)
        /// An open descriptor of an ELF program, executed without looking at any name again; scripts do not work.
        case descriptor(Int32)
    }

    /// Absolute path of bubblewrap.
    package var bubblewrap = BubblewrapProfile.program

    /// The launcher itself, whatever is started before it.
    let launcherPath: String
    let launcher: String
    let leading: [String]

    /// Uses the launcher at this absolute path.
    ///
    /// - Parameters:
    ///   - launcherPath: `aurora-launcher`, as ``installedLauncher()`` finds it.
    ///   - wrapper: a program and its arguments before the launcher, for tests that watch or disturb it.
    package init(launcherPath: String, wrapper: [String] = []) {
        self.launcherPath = launcherPath
        launcher = wrapper.first ?? launcherPath
        leading = wrapper.isEmpty ? [] : Array(wrapper.dropFirst()) + [launcherPath]
    }

    /// Runs a program to its end under a profile.
    ///
    /// - Parameters:
    ///   - descriptors: what the child gets beside its standard streams: its own number (3 and up) and the parent's.
    /// - Returns: how the program ended; its exit status is its own, never the launcher's.
    /// - Throws: the layer that could not be put in place; then the program has not run.
    package func run(
        _ profile: SandboxProfile, program: Program, arguments: [String],
        descriptors: [(child: Int32, parent: Int32)] = [], stdin: ProcessSpec.Input = .null
    ) throws(SandboxRefusal) -> ProcessResult {
        let first = (descriptors.map(\.child).max() ?? 2) + 1
        let spec = try makeSpec(profile, program, arguments, descriptors.map(\.child), status: first + 1)
        let file = try memoryFile(spec)
        let report = try StatusPipe()
        var passed = descriptors + [(first, file.rawValue), (first + 1, report.writer.rawValue)]
        if case .descriptor(let number) = program { passed.append((first + 2, number)) }
        let result: ProcessResult
        do {
            var spec = ProcessSpec(
                executable: launcher, arguments: leading + [String(first)], workingDirectory: "/", stdin: stdin,
                outputLimit: profile.outputLimit, timeout: profile.timeout, killGrace: profile.killGrace,
                descriptors: passed)
            spec.stop = profile.stop
            result = try Processes.run(spec)
        } catch {
            throw SandboxRefusal(.launcher, "\(launcher) cannot be started: \(error)")
        }
        try judge(report.read(), result)
        return result
    }

    private func makeSpec(
        _ profile: SandboxProfile, _ program: Program, _ arguments: [String], _ kept: [Int32], status: Int32
    ) throws(SandboxRefusal) -> [UInt8] {
        var spec = LauncherSpec()
        spec.flags = [.dieWithParent, .noNewPrivileges]
        // Root drops its supplementary groups even where it keeps its user.
        if profile.identity != .own || profile.identity.uid == 0 { spec.flags.insert(.identity) }
        spec.uid = profile.identity.uid
        spec.gid = profile.identity.gid
        spec.status = UInt32(bitPattern: status)
        if let number = profile.mountedDescriptor { spec.mount = UInt32(bitPattern: number) }
        spec.kept = kept.map { UInt32(bitPattern: $0) }
        spec.limits = profile.limits
        spec.workingDirectory = profile.workingDirectory
        spec.environment = profile.environment.map { "\($0.key)=\($0.value)" }.sorted()
        switch program {
        case .path(let path):
            spec.path = path
            spec.arguments = [path] + arguments
        case .descriptor:
            spec.program = UInt32(bitPattern: status + 1)
            spec.arguments = ["aurora"] + arguments
        }
        if let rules = profile.landlock {
            spec.flags.insert(.landlock)
            spec.landlockFloor = profile.landlockFloor
            spec.rules = rules
        }
        if let seccomp = profile.seccomp {
            spec.flags.insert(.seccomp)
            spec.seccomp = try seccomp.compiled()
        }
        return try spec.encoded()
    }

    func memoryFile(_ bytes: [UInt8]) throws(SandboxRefusal) -> Descriptor {
        let number = aurora_sandbox_memory_file("aurora-launch")
        guard number >= 0 else { throw SandboxRefusal(.specification, "no memory file for the specification") }
        let file = Descriptor(adopting: number)
        do {
            try file.write(all: bytes)
        } catch {
            throw SandboxRefusal(.specification, "writing the specification: \(error)")
        }
        return file
    }

    /// The launcher reports `ready` right before it executes the program, and a failed layer otherwise.
    private func judge(_ report: String, _ result: ProcessResult) throws(SandboxRefusal) {
        let lines = report.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 1) }
        if let failed = lines.first(where: { $0.first != "ready" }) {
            let layer = failed.first.flatMap { SandboxLayer(rawValue: String($0)) } ?? .launcher
            throw SandboxRefusal(layer, failed.count > 1 ? String(failed[1]) : "no reason given")
        }
        guard lines.isEmpty else { return }
        let said = String(decoding: result.errorOutput.prefix(300), as: UTF8.self)
        throw SandboxRefusal(.launcher, "it ended before its work was done (\(result.outcome)) \(said)")
    }
}

/// The pipe on which the launcher says how far it came; its end in the child closes when the program starts.
private struct StatusPipe: ~Copyable {
    let reader: Descriptor
    let writer: Descriptor

    init() throws(SandboxRefusal) {
        var ends: [Int32] = [-1, -1]
        guard aurora_sandbox_pipe(&ends) == 0 else { throw SandboxRefusal(.launcher, "no pipe for its report") }
        reader = Descriptor(adopting: ends[0])
        writer = Descriptor(adopting: ends[1])
    }

    /// What was written, at most 4 KiB; the pipe does not block.
    borrowing func read() -> String {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = bytes.withUnsafeMutableBytes { (buffer) -> Int in (try? reader.read(into: buffer)) ?? 0 }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
