/// The first word of a command line, and the other words that mean the same.
package struct Noun: Hashable, Sendable {
    /// The canonical word, as in ``Command/path``.
    package let name: String
    /// Words that are taken for it: the plural, and older names.
    package let aliases: [String]
    /// What one finds under it, one line, no full stop.
    package let summary: String

    init(_ name: String, aliases: [String] = [], _ summary: String) {
        self.name = name
        self.aliases = aliases
        self.summary = summary
    }
}
