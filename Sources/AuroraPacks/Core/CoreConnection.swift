import AuroraModel
import AuroraRuntime
import AuroraSystem

/// One client of the core, on a thread of its own: one request after the other.
final class CoreConnection: Sendable {
    private let stream: LocalStream
    private let peer: CorePeer
    private let core: LocalCore
    private let stop: StopSignal

    init(_ stream: LocalStream, _ peer: CorePeer, core: LocalCore, stop: StopSignal) {
        self.stream = stream
        self.peer = peer
        self.core = core
        self.stop = stop
    }

    /// Serves until the client closes, says something that cannot be understood, or the core ends.
    func serve() {
        var holdsChange = false
        do {
            // The socket's mode keeps others out; this holds where a mode does not.
            try peer.demandKnown()
            while true {
                // Who changes the set may think for as long as it takes.
                let idle: Duration? = holdsChange ? nil : .seconds(60)
                let message = try CoreWire.receive(
                    from: stream, limit: CoreWire.requestLimit, idle: idle, stop: stop)
                guard let message else { break }
                try take(try CoreRequest(json: message), &holdsChange)
            }
        } catch let problem as CoreProblem {
            try? answer(problem)
        } catch {
            // The client is gone or too slow; there is nobody to tell.
        }
        // The device's lock may be held by a client that waits for an answer: it must not wait for what waits for the lock.
        stream.shutDown()
        if holdsChange { core.changerVanished() }
    }

    private func take(_ request: CoreRequest, _ holdsChange: inout Bool) throws {
        do {
            switch request {
            case .logs(let id, let lines, let follow): return try sendLog(id.text, lines, follow)
            case .beginChange:
                try peer.demandOwner()
                try core.beginChange()
                holdsChange = true
                try answer([:])
            case .endChange:
                guard holdsChange else { throw CoreProblem(code: "no_change", "this connection has begun no change") }
                holdsChange = false
                try core.endChange()
                try answer([:])
            default:
                let (stream, inChange) = (stream, holdsChange)
                try answer(core.carryOut(request, inChange: inChange) { stream.isClosed })
            }
        } catch let problem as CoreProblem {
            try answer(problem)
        } catch let error as SupervisorError {
            try answer(CoreProblem(error))
        } catch let error as SystemError {
            throw error
        } catch {
            try answer(CoreProblem(code: "failed", "\(error)"))
        }
    }

    private func answer(_ members: JSONObject) throws {
        var object: JSONObject = ["v": .integer(CoreWire.version), "ok": true]
        for (key, value) in members.members { object[key] = value }
        try CoreWire.send(.object(object), on: stream, limit: CoreWire.answerLimit)
    }

    private func answer(_ problem: CoreProblem) throws { try Self.send(problem, on: stream) }

    /// Tells a client why it is not served; the connection is over then.
    static func refuse(_ stream: LocalStream, _ problem: CoreProblem) { try? send(problem, on: stream) }

    private static func send(_ problem: CoreProblem, on stream: LocalStream) throws {
        let object: JSONObject = ["v": .integer(CoreWire.version), "ok": false, "error": problem.json]
        try CoreWire.send(.object(object), on: stream, limit: CoreWire.answerLimit)
    }

    // MARK: Logs

    private func sendLog(_ id: String, _ lines: Int, _ follow: Bool) throws {
        try core.demand(id)
        let reader = core.supervisor.logs.reader(of: id)
        var round = core.supervisor.logs.waitForMore(after: .max, timeout: .zero)
        var (found, next) = try reader.tail(lines)
        try send(found, isLast: !follow)
        while follow, !core.isEnding, !stream.isClosed {
            round = core.supervisor.logs.waitForMore(after: round, timeout: .seconds(1))
            repeat {
                (found, next) = try reader.read(from: next)
                if !found.isEmpty { try send(found, isLast: false) }
            } while !found.isEmpty
        }
    }

    /// In messages that stay below the limit.
    private func send(_ lines: [LogLine], isLast: Bool) throws {
        var rest = lines[...]
        repeat {
            let part = rest.prefix(100)
            rest = rest.dropFirst(100)
            try answer(["lines": .array(part.map(\.json)), "more": .bool(!isLast || !rest.isEmpty)])
        } while !rest.isEmpty
    }
}
