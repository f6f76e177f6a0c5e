package import AuroraModel

/// What a client asks of the core.
package enum CoreRequest: Hashable, Sendable {
    /// How all packs stand.
    case status
    /// Start these and what they need, or all when there are none; wait so long until they are ready or have failed.
    case start([PackID], wait: Duration)
    /// Stop these, and before them what needs them if asked; wait so long until they have ended.
    case stop([PackID], withDependants: Bool, wait: Duration)
    /// Run the health command of one now.
    case health(PackID)
    /// The last lines of its log, and those that follow until the client closes.
    case logs(PackID, lines: Int, follow: Bool)
    /// This connection changes the active set: when it ends before `endChange`, the core finishes or undoes the change.
    case beginChange
    case endChange
    /// Read the active set again.
    case reload

    /// Longest wait that can be asked for: a manifest gives a pack up to a day to start and another to be healthy.
    package static let longestWait: Duration = .seconds(49 * 3600)
}

extension CoreRequest {
    /// The request as it is sent.
    package var json: JSONValue {
        var object: JSONObject = ["v": .integer(CoreWire.version)]
        func packs(_ ids: [PackID]) -> JSONValue { JSONValue(ids.map(\.text)) }
        switch self {
        case .status: object["op"] = "status"
        case .start(let ids, let wait):
            object["op"] = "start"
            object["packs"] = packs(ids)
            object["wait_ms"] = .integer(wait.wholeMilliseconds)
        case .stop(let ids, let withDependants, let wait):
            object["op"] = "stop"
            object["packs"] = packs(ids)
            object["dependants"] = .bool(withDependants)
            object["wait_ms"] = .integer(wait.wholeMilliseconds)
        case .health(let id):
            object["op"] = "health"
            object["pack"] = .string(id.text)
        case .logs(let id, let lines, let follow):
            object["op"] = "logs"
            object["pack"] = .string(id.text)
            object["lines"] = JSONValue(lines)
            object["follow"] = .bool(follow)
        case .beginChange: object["op"] = "begin-change"
        case .endChange: object["op"] = "end-change"
        case .reload: object["op"] = "reload"
        }
        return .object(object)
    }

    /// Reads a request; one of another version, or with members that are not known, is refused.
    package init(json value: JSONValue) throws(CoreProblem) {
        do {
            var reader = try JSONReader(value)
            let version = try reader.integer("v")
            guard version == CoreWire.version else { throw CoreProblem.bad("it has version \(version)") }
            self = try Self.read(&reader)
            try reader.finish()
        } catch let problem as CoreProblem {
            throw problem
        } catch {
            throw .bad("\(error)")
        }
    }

    private static func read(_ reader: inout JSONReader) throws -> CoreRequest {
        switch try reader.string("op") {
        case "status": return .status
        case "start":
            return .start(try packs(&reader), wait: try wait(&reader))
        case "stop":
            return .stop(
                try packs(&reader), withDependants: try reader.optionalBool("dependants") ?? true,
                wait: try wait(&reader))
        case "health": return .health(try pack(try reader.string("pack")))
        case "logs":
            let most = Int64(10_000)
            return .logs(
                try pack(try reader.string("pack")),
                lines: Int(try reader.optionalInteger("lines", in: 0...most) ?? 100),
                follow: try reader.optionalBool("follow") ?? false)
        case "begin-change": return .beginChange
        case "end-change": return .endChange
        case "reload": return .reload
        case let other: throw CoreProblem.bad("nobody knows '\(String(other.prefix(40)))'")
        }
    }

    private static func wait(_ reader: inout JSONReader) throws -> Duration {
        let longest = longestWait.wholeMilliseconds
        return .milliseconds(try reader.optionalInteger("wait_ms", in: 0...longest) ?? 30_000)
    }

    private static func packs(_ reader: inout JSONReader) throws -> [PackID] {
        guard let value = reader.optional("packs") else { return [] }
        guard let values = value.array, values.count <= 1000 else {
            throw CoreProblem.bad("packs must be a list of at most 1000 ids")
        }
        return try values.map { try pack($0.string ?? "") }
    }

    private static func pack(_ text: String) throws -> PackID {
        guard let id = PackID(text) else { throw CoreProblem.bad("'\(String(text.prefix(80)))' is no pack id") }
        return id
    }
}

extension Duration {
    /// Rounded down.
    var wholeMilliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
