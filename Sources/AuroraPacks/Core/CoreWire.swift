import AuroraModel
import AuroraRuntime
import AuroraSystem

/// Messages on the core's control socket: four bytes of length, most significant first, then that many bytes of JSON.
///
/// Format: docs/formats/core-socket.md.
package enum CoreWire {
    /// The version that both sides put into every message.
    package static let version: Int64 = 1
    /// Most bytes of a request.
    package static let requestLimit = 64 << 10
    /// Most bytes of an answer.
    package static let answerLimit = 4 << 20
    /// How long the other side may take to accept a message.
    private static let sendTimeout: Duration = .seconds(10)

    /// Sends one message.
    static func send(_ value: JSONValue, on stream: LocalStream, limit: Int) throws {
        let bytes = value.compactBytes
        guard bytes.count <= limit else { throw CoreProblem.tooLarge(bytes.count) }
        let count = UInt32(bytes.count)
        let head =
            [UInt8(truncatingIfNeeded: count >> 24), UInt8(truncatingIfNeeded: count >> 16)]
            + [UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count)]
        try stream.send(head + bytes, timeout: sendTimeout)
    }

    /// Receives one message; nil when the other side has closed, or `stop` was raised.
    ///
    /// - Parameters:
    ///   - limit: a longer message is refused before it is read.
    ///   - idle: how long nothing may come at all; nil waits without end.
    static func receive(
        from stream: LocalStream, limit: Int, idle: Duration?, stop: StopSignal? = nil
    ) throws -> JSONValue? {
        guard let head = try stream.receive(4, timeout: idle, stop: stop) else { return nil }
        let count = head.reduce(0) { $0 << 8 | Int($1) }
        guard count <= limit else { throw CoreProblem.tooLarge(count) }
        // What has begun must come soon.
        guard count > 0, let bytes = try stream.receive(count, timeout: .seconds(10), stop: stop) else { return nil }
        return try JSONParser.parse(bytes, maximumBytes: limit, depth: 8)
    }
}

/// Why a request was refused or not answered.
package struct CoreProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// A stable word for programs.
    package let code: String
    package let message: String
    /// What to do next; empty when there is nothing to do.
    package let remedy: String

    package init(code: String, _ message: String, remedy: String = "") {
        self.code = code
        self.message = message
        self.remedy = remedy
    }

    package var description: String { remedy.isEmpty ? message : "\(message); \(remedy)" }

    static func tooLarge(_ count: Int) -> CoreProblem {
        CoreProblem(code: "too_large", "a message of \(count) bytes is longer than allowed")
    }
    static func bad(_ detail: String) -> CoreProblem {
        CoreProblem(
            code: "bad_request", "the request is not understood: \(detail)", remedy: "use the same version of aurora")
    }

    init(_ error: SupervisorError) {
        let code =
            switch error {
            case .unknown: "unknown_pack"
            case .circle: "circle"
            case .ended: "ending"
            }
        self.init(code: code, "\(error)")
    }

    var json: JSONValue { ["code": .string(code), "message": .string(message), "remedy": .string(remedy)] }

    init(json value: JSONValue) {
        self.init(
            code: value["code"]?.string ?? "unknown", value["message"]?.string ?? "the core gave no reason",
            remedy: value["remedy"]?.string ?? "")
    }
}
