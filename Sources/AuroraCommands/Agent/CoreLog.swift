import AuroraModel
import AuroraPacks
import AuroraRuntime
import AuroraSystem

/// What a core says on standard error: one event, one line; text for people, JSON for programs.
struct CoreLog: Sendable {
    let isJSON: Bool

    /// Writes one event.
    func tell(_ event: CoreEvent) {
        switch event {
        case .changed(let pack, let change):
            let text = "\(change.from.rawValue) -> \(change.to.rawValue): \(change.cause)"
            write(
                change.to == .backoff || change.to == .quarantined || change.to == .degraded ? "warning" : "info", text,
                [("pack", pack), ("cause", change.cause.code), ("attempt", "\(change.attempt)")])
        case .note(let text): write("info", text)
        case .trouble(let text): write("error", text)
        }
    }

    /// Writes something that the command itself has to say.
    func note(_ text: String) { write("info", text) }

    private func write(_ level: String, _ text: String, _ facts: [(String, String)] = []) {
        let time = Timestamp(milliseconds: WallClock.system.now())
        if isJSON {
            let members: [(String, JSONValue)] =
                [("time", JSONValue(time)), ("level", .string(level)), ("event", .string(text))]
                + facts.map { ($0.0, .string($0.1)) }
            Standard.writeError(JSONValue.object(JSONObject(members)).description + "\n")
        } else {
            let pack = facts.first.map { " \($0.1)" } ?? ""
            Standard.writeError("\(time.rfc3339) \(level.uppercased())\(pack) \(text.onOneLine)\n")
        }
    }
}
