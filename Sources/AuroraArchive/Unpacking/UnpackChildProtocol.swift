/// The one line of text by which the unpacking child tells its parent how it went.
///
/// `unpacked`, entries, bytes or `refused`, rule, entry, detail, with tabs between them and no other control character.
/// The parent reads at most ``lineLimit`` bytes and takes everything else (no line, two lines, another exit code) for a
/// child that died.
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

    /// The line for an outcome, with its line feed.
    package static func encode(_ outcome: Outcome) -> [UInt8] {
        let fields =
            switch outcome {
            case .unpacked(let summary): ["unpacked", String(summary.entries), String(summary.bytes)]
            case .refused(let refusal): ["refused", refusal.rule.rawValue, refusal.entry, refusal.detail]
            }
        // Names and words are printable when they come here; a control character would break the line.
        return fields.map { $0.utf8.map { isControl($0) ? UInt8(ascii: "?") : $0 } }.joined(separator: [tab]) + [0x0a]
    }

    /// Reads the child's output; nothing when it is not exactly one valid line.
    package static func decode(_ output: [UInt8]) -> Outcome? {
        guard output.count <= lineLimit, output.last == 0x0a else { return nil }
        let parts = output.dropLast().split(separator: tab, omittingEmptySubsequences: false)
        guard !parts.joined().contains(where: isControl) else { return nil }
        let fields = parts.compactMap { String(validating: $0, as: UTF8.self) }
        guard fields.count == parts.count else { return nil }
        switch (fields.first, fields.count) {
        case ("unpacked", 3):
            guard let entries = Int(fields[1]), let bytes = UInt64(fields[2]), entries >= 0 else { return nil }
            return .unpacked(UnpackSummary(entries: entries, bytes: bytes))
        case ("refused", 4):
            guard let rule = ArchiveRule(rawValue: fields[1]) else { return nil }
            return .refused(ArchiveRefusal(rule, entry: fields[2], fields[3]))
        default: return nil
        }
    }

    private static let tab = UInt8(ascii: "\t")

    private static func isControl(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x7f }
}
