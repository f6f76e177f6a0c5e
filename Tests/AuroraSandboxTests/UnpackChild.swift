import AuroraArchive
import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import Foundation
import Glibc

/// Runs the real unpacking child: aurora-launcher, the unpack profile, `aurora internal unpack`.
struct UnpackChild {
    /// What came of it, and what the machine looks like afterwards.
    struct Report {
        let result: ProcessResult
        let outcome: UnpackChildProtocol.Outcome?
        /// Relative path → a word on its kind and mode, of the staging directory.
        let tree: [String: String]
        /// Whether anything beside the staging directory changed.
        let changedOutside: [String]
        let seconds: Double

        var refusal: ArchiveRefusal? {
            if case .refused(let refusal) = outcome { refusal } else { nil }
        }
    }

    var sandbox: Sandbox
    var memoryBytes: UInt64?

    init(wrapper: [String] = []) throws {
        sandbox = Sandbox(launcherPath: try BuiltPrograms.path("aurora-launcher"), wrapper: wrapper)
    }

    /// Unpacks the bytes in a folder with neighbours that must not change.
    func unpack(_ bytes: [UInt8], limits: ArchiveLimits = ArchiveLimits()) throws -> Report {
        try withTemporaryDirectory { folder in
            try write("neighbour", to: "\(folder)/outside", mode: 0o666)
            try FileManager.default.createDirectory(atPath: "\(folder)/beside", withIntermediateDirectories: false)
            guard chmod("\(folder)/beside", 0o777) == 0, chmod(folder, 0o777) == 0 else { throw Unexpected("chmod") }
            return try unpack(bytes, in: folder, limits)
        }
    }

    private func unpack(_ bytes: [UInt8], in folder: String, _ limits: ArchiveLimits) throws -> Report {
        let artifact = try Descriptor.open("\(folder)/artifact", [.readWrite, .create], mode: 0o600)
        try artifact.write(all: bytes)
        let staging = try UnpackChild.makeStaging("\(folder)/staging")
        let program = try Descriptor.open(try BuiltPrograms.path("aurora"), .readOnly)
        let before = try UnpackChild.snapshot(folder)
        let began = ContinuousClock.now
        var profile = SandboxProfile.unpack(directory: UnpackChildProtocol.directoryDescriptor, timeout: .seconds(60))
        if let memoryBytes {
            profile.limits = profile.limits.filter { $0.resource != .addressSpace }
            profile.limits.append(ResourceLimit(.addressSpace, memoryBytes))
        }
        let result = try sandbox.run(
            profile, program: .descriptor(program.rawValue), arguments: UnpackChildProtocol.arguments(limits),
            descriptors: [
                (UnpackChildProtocol.artifactDescriptor, artifact.rawValue),
                (UnpackChildProtocol.directoryDescriptor, staging.rawValue),
            ])
        let took = ContinuousClock.now - began
        let after = try UnpackChild.snapshot(folder)
        return Report(
            result: result, outcome: UnpackChildProtocol.decode(result.output),
            tree: try UnpackChild.snapshot("\(folder)/staging"),
            changedOutside: Set(before.keys).union(after.keys).sorted().filter {
                !$0.hasPrefix("staging") && before[$0] != after[$0]
            },
            seconds: Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18)
    }

    /// A private directory that the child's user owns, as the hub makes it.
    static func makeStaging(_ path: String) throws -> Descriptor {
        let identity = SandboxIdentity.unpack.whenRoot
        guard mkdir(path, 0o700) == 0, chown(path, identity.uid, identity.gid) == 0 else { throw Unexpected("mkdir") }
        return try Descriptor.open(path, [.readOnly, .directory])
    }

    /// Every entry below a folder: kind, mode, size and link target; never through a link.
    static func snapshot(_ folder: String) throws -> [String: String] {
        var entries: [String: String] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            var status = stat()
            guard lstat("\(folder)/\(name)", &status) == 0 else { continue }
            let mode = String(status.st_mode, radix: 8)
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)")
            entries[name] =
                target.map { "-> \($0)" } ?? "\(mode) \(status.st_mode & S_IFMT == S_IFDIR ? 0 : status.st_size)"
        }
        return entries
    }
}

/// Something a test needs did not work.
struct Unexpected: Error {
    let what: String

    init(_ what: String) { self.what = "\(what): \(String(cString: strerror(errno)))" }
}
