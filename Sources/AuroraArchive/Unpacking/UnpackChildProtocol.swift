import FoundationEssentials

/// The one line of JSON by which the unpacking child tells its parent how it went.
///
/// `{"bytes":…,"entries":…,"ok":true}` or `{"detail":…,"entry":…,"rule":…}`. The parent reads at most ``lineLimit``
/// bytes and takes everything else (no line, two lines, another exit code) for a child that died.
package enum UnpackChildProtocol {
    /// What the child said.
    package enum Outcome: Hashable, Sendable {
        /// The tree stands.
        case unpacked(UnpackSummary)
        /// The archive was refused.
        case refused(ArchiveRefusal)
    }

    /// The longest line in bytes.
    package static let lineLimit = 8192
    /// The child's exit code after a refusal; 0 after success.
    package static let refusedExitCode: Int32 = 3
    /// The descriptor on which the child finds the artifact.
    package static let artifactDescriptor: Int32 = 3
    /// The descriptor on which the child finds the empty staging directory.
    package static let directoryDescriptor: Int32 = 4

    private struct Success: Codable {
        let ok: Bool
        let entries: Int
        let bytes: UInt64
    }

    /// The line for an outcome, with its line feed.
    package static func encode(_ outcome: Outcome) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let line: [UInt8]?
        switch outcome {
        case .unpacked(let summary):
            line = (try? encoder.encode(Success(ok: true, entries: summary.entries, bytes: summary.bytes))).map(
                Array.init)
        case .refused(let refusal): line = (try? encoder.encode(refusal)).map(Array.init)
        }
        return (line ?? []) + [0x0a]
    }

    /// Reads the child's output; nothing when it is not exactly one valid line.
    package static func decode(_ output: [UInt8]) -> Outcome? {
        guard output.count <= lineLimit, output.last == 0x0a, output.firstIndex(of: 0x0a) == output.count - 1 else {
            return nil
        }
        let decoder = JSONDecoder()
        let line = Data(output)
        if let success = try? decoder.decode(Success.self, from: line), success.ok {
            return .unpacked(UnpackSummary(entries: success.entries, bytes: success.bytes))
        }
        return (try? decoder.decode(ArchiveRefusal.self, from: line)).map(Outcome.refused)
    }
}
