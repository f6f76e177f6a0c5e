package import AuroraModel

/// One line of a service's log: something a program wrote, or something that happened to it.
package struct LogLine: Hashable, Sendable {
    /// Where it comes from.
    package enum Source: String, CaseIterable, Hashable, Sendable {
        case output = "stdout"
        case error = "stderr"
        /// The supervisor.
        case event
    }

    package let source: Source
    /// The wall clock when it was taken.
    package let time: Timestamp
    /// Milliseconds of the monotonic clock when it was taken: what orders lines when the wall clock was set.
    package let monotonic: Int64
    /// Which start of the service it belongs to.
    package let attempt: Int
    /// Without its line end; bytes that are not UTF-8 are shown as U+FFFD.
    package let text: String
    /// Whether the program's line goes on in the next one.
    package var isCut = false
    /// Bytes of output that were dropped before this line.
    package var dropped = 0
    /// The stable word for what happened; events only.
    package var cause: String?

    package init(source: Source, time: Timestamp, monotonic: Int64, attempt: Int, text: String) {
        self.source = source
        self.time = time
        self.monotonic = monotonic
        self.attempt = attempt
        self.text = text
    }
}

extension LogLine {
    /// The line as it stands in the ring: docs/formats/pack-log.md.
    package var json: JSONValue {
        var members: [(String, JSONValue)] = [
            ("time", JSONValue(time)), ("mono_ms", .integer(monotonic)), ("attempt", JSONValue(attempt)),
            ("source", .string(source.rawValue)), ("text", .string(text)),
        ]
        if isCut { members.append(("cut", true)) }
        if dropped > 0 { members.append(("dropped", JSONValue(dropped))) }
        if let cause { members.append(("cause", .string(cause))) }
        return .object(JSONObject(members))
    }

    /// Reads a line of the ring; nil for one that is none.
    package init?(bytes: [UInt8]) {
        guard let value = try? JSONParser.parse(bytes, maximumBytes: 256 << 10, depth: 4) else { return nil }
        self.init(json: value)
    }

    /// Reads what ``json`` gives.
    package init?(json value: JSONValue) {
        guard let time = value["time"]?.string.flatMap(Timestamp.init(rfc3339:)),
            let monotonic = value["mono_ms"]?.integer, let attempt = value["attempt"]?.integer,
            let source = value["source"]?.string.flatMap(Source.init(rawValue:)), let text = value["text"]?.string
        else { return nil }
        self.init(
            source: source, time: time, monotonic: monotonic, attempt: Int(clamping: attempt), text: text)
        isCut = value["cut"]?.bool ?? false
        dropped = Int(clamping: value["dropped"]?.integer ?? 0)
        cause = value["cause"]?.string
    }
}
