import AuroraModel

extension Job {
    /// The form in which the database keeps it.
    var json: JSONValue {
        var object: [(String, JSONValue)] = [
            ("jitter_ns", .integer(jitter.nanoseconds)), ("kind", .string(kind)),
            ("missed", .integer(missed.number)), ("overlap", .string(overlap.rawValue)), ("payload", .string(payload)),
            ("priority", .integer(Int64(priority.rawValue))),
            ("tags", .object(JSONObject(tags.sorted { $0.key < $1.key }.map { ($0, .integer(Int64($1))) }))),
        ]
        switch trigger {
        case .after(let delay): object.append(("after_ns", .integer(delay.nanoseconds)))
        case .every(let period): object.append(("every_ns", .integer(period.nanoseconds)))
        case .cron(let expression, let zone):
            object += [("cron", .string(expression.text)), ("zone", .string(zone))]
        }
        return .object(JSONObject(object))
    }

    /// Reads what the database kept; nil when this program does not understand it.
    init?(_ id: JobID, json: JSONValue) {
        guard let kind = json["kind"]?.string, let trigger = Trigger(json),
            let missed = json["missed"]?.integer.flatMap(MissedPolicy.init(number:)),
            let overlap = json["overlap"]?.string.flatMap(OverlapPolicy.init(rawValue:)),
            let priority = json["priority"]?.integer.flatMap({ Priority(rawValue: Int($0)) })
        else { return nil }
        self.init(id, kind: kind, trigger: trigger)
        payload = json["payload"]?.string ?? ""
        jitter = Span(clipping: json["jitter_ns"]?.integer ?? 0)
        self.missed = missed
        self.overlap = overlap
        self.priority = priority
        for (tag, count) in json["tags"]?.object?.members ?? [] { tags[tag] = Int(count.integer ?? 1) }
    }
}

extension Trigger {
    fileprivate init?(_ json: JSONValue) {
        if let delay = json["after_ns"]?.integer {
            self = .after(Span(clipping: delay))
        } else if let period = json["every_ns"]?.integer, period > 0 {
            self = .every(Span(clipping: period))
        } else if let text = json["cron"]?.string, let expression = try? CronExpression(text),
            let zone = json["zone"]?.string
        {
            self = .cron(expression, zone: zone)
        } else {
            return nil
        }
    }
}

extension MissedPolicy {
    /// 0 skips, 1 … 1000 is that many of all, -1 is once.
    fileprivate var number: Int64 {
        switch self {
        case .skip: 0
        case .once: -1
        case .all(let most): Int64(most)
        }
    }

    fileprivate init?(number: Int64) {
        switch number {
        case 0: self = .skip
        case -1: self = .once
        case 1...1000: self = .all(max: Int(number))
        default: return nil
        }
    }
}
