package import AuroraModel

/// Why a command did not do what it was asked: what, why and what to do next, one line each.
package struct CommandError: Error, Sendable, Equatable {
    /// What happened, on which thing.
    package let message: String
    /// Why; empty when the message says it.
    package let cause: String
    /// What to do next; empty when there is nothing to do.
    package let remedy: String
    /// A stable word for programs, such as `plan_stale`.
    package let code: String
    /// How the program ends.
    package let exit: ExitCode
    /// The hub's id of the request, for its logs.
    package let requestID: String?
    /// Further members of the hub's answer, such as the suggestion that was filed; null when there are none.
    package let details: JSONValue

    init(
        _ message: String, cause: String = "", remedy: String = "", code: String, exit: ExitCode = .failure,
        requestID: String? = nil, details: JSONValue = .null
    ) {
        self.message = message
        self.cause = cause
        self.remedy = remedy
        self.code = code
        self.exit = exit
        self.requestID = requestID
        self.details = details
    }

    /// A command line that cannot be understood, or an answer that nobody can be asked for.
    static func usage(_ message: String, cause: String = "", remedy: String = "") -> CommandError {
        CommandError(message, cause: cause, remedy: remedy, code: "usage", exit: .usage)
    }

    /// The lines a person sees; at most three.
    var lines: [String] {
        var lines = ["error: " + message.onOneLine]
        if !cause.isEmpty { lines.append("  why:  " + cause.onOneLine) }
        if !remedy.isEmpty { lines.append("  next: " + remedy.onOneLine) }
        return lines
    }
}

extension String {
    /// Text from elsewhere on one line, with control characters shown instead of obeyed.
    package var onOneLine: String {
        var safe = ""
        for scalar in unicodeScalars {
            switch scalar.value {
            case 0x0A: safe += " "
            case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069:
                safe += "\\u{\(String(scalar.value, radix: 16))}"
            default: safe.unicodeScalars.append(scalar)
            }
        }
        return safe
    }
}
