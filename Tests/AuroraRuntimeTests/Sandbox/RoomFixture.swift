import AuroraRuntime
import AuroraSandbox
import AuroraSystem
import AuroraTestSupport
import Glibc
import Synchronization

/// A folder with a pack's code and its writable folder, and the runner under test.
struct RoomFixture {
    /// One way to make rooms that this machine must offer.
    static let configurations: [SandboxConfiguration] =
        SandboxIdentity.own.uid == 0 ? [.unprivileged, .privileged] : [.unprivileged]

    /// A user of its own where the tests run as root.
    static let identity = SandboxIdentity(uid: 1_879_100_001, gid: 1_879_100_001).whenRoot

    let folder: String
    let runner: SandboxedRunner
    var room: Confinement

    /// Makes the folders in `folder`.
    init(_ folder: String, _ configuration: SandboxConfiguration? = .unprivileged, wrapper: [String] = []) throws {
        self.folder = folder
        let launcher = try BuiltPrograms.path("aurora-launcher")
        runner = SandboxedRunner(
            sandbox: Sandbox(launcherPath: launcher, wrapper: wrapper), configuration: configuration)
        // With their modes, whatever umask another test of this process has left.
        for name in ["code", "data"] { try DurableFile.makeDirectory("\(folder)/\(name)", mode: 0o755) }
        guard chown("\(folder)/data", Self.identity.uid, Self.identity.gid) == 0 else { throw Unexpected("chown") }
        room = Confinement(id: "room", identity: Self.identity, code: "\(folder)/code")
        room.mounts = [Confinement.Mount(host: "\(folder)/data", inside: "/data", isWritable: true)]
    }

    /// Runs a shell script in a room of its own.
    func run(_ script: String, _ options: ConfinedRun = ConfinedRun()) throws -> ConfinedResult {
        try runner.run(["/bin/bash", "-c", script], in: room, options)
    }

    func open(_ sink: any OutputSink = Collected()) throws -> any OpenRoom { try runner.open(room, output: sink) }
}

/// Everything a room has said.
final class Collected: OutputSink {
    private let bytes = Mutex<[OutputStreamName: [UInt8]]>([:])

    func receive(_ bytes: [UInt8], from stream: OutputStreamName) {
        self.bytes.withLock { $0[stream, default: []] += bytes }
    }

    func text(_ stream: OutputStreamName = .output) -> String {
        String(decoding: bytes.withLock { $0[stream] ?? [] }, as: UTF8.self)
    }
}

extension ConfinedResult {
    var text: String { String(decoding: output, as: UTF8.self) }
    var errorText: String { String(decoding: errorOutput, as: UTF8.self) }
}

extension OpenRoom {
    func bash(_ script: String, _ options: ConfinedRun = ConfinedRun()) throws -> ConfinedResult {
        try run(["/bin/bash", "-c", script], options)
    }
}

/// Runs `body` with a fixture in a folder of its own.
func withRoom<Result>(
    _ configuration: SandboxConfiguration? = .unprivileged, wrapper: [String] = [],
    _ body: (inout RoomFixture) throws -> Result
) throws -> Result {
    try withTemporaryDirectory { folder in
        var fixture = try RoomFixture(folder, configuration, wrapper: wrapper)
        return try body(&fixture)
    }
}

/// Something a test relies on did not work.
struct Unexpected: Error {
    let what: String
    init(_ what: String) { self.what = "\(what): \(String(cString: strerror(errno)))" }
}
