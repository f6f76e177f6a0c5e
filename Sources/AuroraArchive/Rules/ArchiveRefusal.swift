/// Why an archive was not unpacked: the rule, the entry, and what was seen.
package struct ArchiveRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The rule that was broken.
    package let rule: ArchiveRule
    /// The entry's name made printable and cut to 256 bytes; empty when the archive as a whole is meant.
    package let entry: String
    /// What was seen, in words an operator understands.
    package let detail: String

    /// Makes a refusal; `entry` must be printable already (see ``EntryLabel``).
    package init(_ rule: ArchiveRule, entry: String = "", _ detail: String) {
        self.rule = rule
        self.entry = entry
        self.detail = detail
    }

    package var description: String {
        entry.isEmpty ? "\(detail) [\(rule.rawValue)]" : "\(entry): \(detail) [\(rule.rawValue)]"
    }
}
