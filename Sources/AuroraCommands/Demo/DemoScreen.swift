/// What the demo says: a line for every step, with the values it really saw.
struct DemoScreen: Sendable {
    let console: Console
    private let clock = ContinuousClock.now

    init(console: Console) { self.console = console }

    /// The heading of a chapter.
    func chapter(_ title: String) {
        console.raw("\n" + console.paint(title, .bold) + "\n")
    }

    /// Something that worked, with what was seen.
    func done(_ what: String, _ seen: String = "") {
        console.raw("  " + console.paint("✔", .green) + " " + what + (seen.isEmpty ? "" : ": " + seen.onOneLine) + "\n")
    }

    /// An act this machine does not allow, and why.
    func leftOut(_ why: String) { console.raw("  " + console.paint("–", .yellow) + " left out: \(why)\n") }

    /// Something that was refused, as it must be.
    func refused(_ what: String, _ error: CommandError) {
        console.raw("  " + console.paint("✔", .green) + " refused, as it must be: \(what)\n")
        console.raw("      \(error.code): \(error.message.onOneLine)\n")
        if !error.cause.isEmpty { console.raw("      rule: \(error.cause.onOneLine)\n") }
        if !error.remedy.isEmpty { console.raw("      next: \(error.remedy.onOneLine)\n") }
    }

    /// Lines that belong to the step before.
    func quote(_ text: String) {
        for line in text.split(separator: "\n") { console.raw("      \(line)\n") }
    }

    /// The banner that says what this is.
    func banner(_ text: String) { console.raw(console.paint(text, .yellow) + "\n") }

    /// Seconds since the demo began.
    var elapsed: String {
        let parts = (ContinuousClock.now - clock).components
        return "\(parts.seconds).\(parts.attoseconds / 100_000_000_000_000_000) s"
    }
}
