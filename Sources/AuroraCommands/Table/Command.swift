/// One verb of the program: the only place its words, options, help and behaviour are written down.
///
/// Parser, help, completions, manual pages and the reference page are all made from this.
package struct Command: Sendable {
    /// The words that call it, such as `["release", "stage"]`; nouns by their singular name.
    package let path: [String]
    /// What it does, one line, no full stop, imperative.
    package let summary: String
    /// What a reader must know beyond the summary; paragraphs separated by an empty line.
    package let discussion: String
    /// Its positional words, in order.
    package let arguments: [CommandArgument]
    /// Its own options; ``CommandTable/globalOptions`` come on top.
    package let options: [CommandOption]
    /// Command lines that work, without the leading program name.
    package let examples: [String]
    /// Left out of help and completions: for the program's own use.
    package let isHidden: Bool
    /// Does the work and says how it ended.
    package let run: @Sendable (Invocation) throws -> ExitCode

    init(
        _ path: String,
        _ summary: String,
        discussion: String = "",
        arguments: [CommandArgument] = [],
        options: [CommandOption] = [],
        examples: [String] = [],
        isHidden: Bool = false,
        run: @escaping @Sendable (Invocation) throws -> ExitCode
    ) {
        self.path = path.split(separator: " ").map(String.init)
        self.summary = summary
        self.discussion = discussion
        self.arguments = arguments
        self.options = options
        self.examples = examples
        self.isHidden = isHidden
        self.run = run
    }

    /// The words that call it, as typed.
    package var name: String { path.joined(separator: " ") }

    /// The usage line without the program's name: `release stage <artifact> [options]`.
    package var usage: String {
        ([name] + arguments.map(\.usage) + ["[options]"]).joined(separator: " ")
    }
}
