import AuroraSystem
import Foundation

/// What every group of rows shares: options, a temporary folder, the programs, the processors.
final class Bench {
    let options: BenchOptions
    /// Everything that is written lies here and goes at the end.
    let folder: String
    /// The processors for the server and for the client; nil when there is only one, or no `taskset`.
    let cores: (server: Int, client: Int)?

    init(options: BenchOptions) throws {
        self.options = options
        let base = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        folder = "\(base)/aurora-bench-\(SecureRandom.bytes(4).map { String($0, radix: 16) }.joined())"
        try DurableFile.makeDirectory(folder, mode: 0o755)
        let allowed = MachineFacts.allowedCores()
        cores = allowed.count > 1 && Tool.find("taskset") != nil ? (allowed[0], allowed[1]) : nil
    }

    var rounds: Int { options.rounds }
    var isQuick: Bool { options.isQuick }

    /// Makes a folder for one group.
    func makeFolder(_ name: String) throws -> String {
        let path = "\(folder)/\(name)"
        try DurableFile.makeDirectory(path, mode: 0o755)
        return path
    }

    /// Absolute path of one of our own programs.
    func program(_ name: String) throws -> String {
        let own = try FileTree.readLink("/proc/self/exe")
        let place = options.programs ?? (own as NSString).deletingLastPathComponent
        let path = "\(place)/\(name)"
        guard access(path, X_OK) == 0 else { throw BenchError("\(path) is missing; run make release") }
        return path
    }

    /// Waits until nothing dirty is left on the disk, so that one measurement does not pay for the one before.
    func settle() throws { try DurableFile.syncFileSystem(of: folder) }

    func cleanUp() { try? FileTree.remove(folder) }
}

/// The time `body` takes, in seconds.
func seconds(_ body: () throws -> Void) rethrows -> Double {
    let duration = try ContinuousClock().measure(body)
    return Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
}
