import AuroraModel
import AuroraSystem
import Synchronization

/// The hub's log: one event, one line, whatever is in it (S-31).
///
/// Text for a person at a terminal, JSON lines otherwise. What strangers wrote is escaped in both forms. Secrets are
/// never given to the log; header values and bodies are not logged at all. Safe from any thread.
final class Log: Sendable {
    enum Level: Int, Comparable, Sendable {
        case debug, info, warning, error

        static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }

        var name: String {
            switch self {
            case .debug: "debug"
            case .info: "info"
            case .warning: "warning"
            case .error: "error"
            }
        }
    }

    private let isJSON: Bool
    private let level: Level
    private let isDev: Bool
    private let clock: WallClock
    private let write: @Sendable (String) -> Void
    /// Keeps lines whole: standard error may be a pipe that takes less than a line at a time.
    private let turn = Mutex(())

    /// - Parameter write: takes one whole line with its line end; standard error unless told.
    init(
        json: Bool, level: Level = .info, isDev: Bool = false, clock: WallClock = .system,
        write: @escaping @Sendable (String) -> Void = { Standard.writeError($0) }
    ) {
        isJSON = json
        self.level = level
        self.isDev = isDev
        self.clock = clock
        self.write = write
    }

    func debug(_ event: String, _ fields: KeyValuePairs<String, String> = [:]) { log(.debug, event, fields) }
    func info(_ event: String, _ fields: KeyValuePairs<String, String> = [:]) { log(.info, event, fields) }
    func warning(_ event: String, _ fields: KeyValuePairs<String, String> = [:]) {
        log(.warning, event, fields)
    }
    func error(_ event: String, _ fields: KeyValuePairs<String, String> = [:]) { log(.error, event, fields) }

    /// Writes one event.
    ///
    /// - Parameters:
    ///   - event: a fixed sentence from our source, never something a client sent.
    ///   - fields: names from our source, values from anywhere.
    func log(_ level: Level, _ event: String, _ fields: KeyValuePairs<String, String>) {
        guard level >= self.level else { return }
        let time = Timestamp(milliseconds: clock.now())
        let line = isJSON ? jsonLine(level, event, fields, time) : textLine(level, event, fields, time)
        turn.withLock { _ in write(line + "\n") }
    }

    private func jsonLine(
        _ level: Level, _ event: String, _ fields: KeyValuePairs<String, String>, _ time: Timestamp
    ) -> String {
        var object: JSONObject = [
            "time": JSONValue(time), "level": .string(level.name), "event": .string(event),
        ]
        if isDev { object["dev"] = true }
        for (name, value) in fields { object[name] = .string(value.printable(limit: 2000)) }
        return JSONValue.object(object).description
    }

    private func textLine(
        _ level: Level, _ event: String, _ fields: KeyValuePairs<String, String>, _ time: Timestamp
    ) -> String {
        var line = "\(time.rfc3339) \(level.name.uppercased())\(isDev ? " [DEV]" : "") \(event)"
        for (name, value) in fields {
            let shown = value.printable(limit: 2000)
            line += " \(name)=" + (shown.contains(" ") || shown.isEmpty ? "\"\(shown)\"" : shown)
        }
        return line
    }
}
