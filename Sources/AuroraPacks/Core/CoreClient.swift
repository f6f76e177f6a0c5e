package import AuroraModel
package import AuroraRuntime
import AuroraSystem
import Glibc
import Synchronization

/// A connection to the core of a device folder.
///
/// One call at a time, from any thread: a second one waits. Every call blocks for its answer.
package final class CoreClient: PackControl {
    private let stream: LocalStream
    private let turn = Mutex(())

    /// Connects.
    ///
    /// - Throws: ``CoreProblem`` with code `not_running` when no core serves this folder.
    package init(_ places: DevicePlaces) throws {
        do throws(SystemError) {
            stream = try LocalStream(path: places.coreSocket)
        } catch {
            guard [ENOENT, ENOTDIR, ECONNREFUSED].contains(error.errno) else { throw error }
            throw CoreProblem(
                code: "not_running", "no core runs on \(places.root)", remedy: "start it: aurora start")
        }
    }

    /// A connection, or nil when no core serves this folder.
    package static func ifRunning(_ places: DevicePlaces) throws -> CoreClient? {
        do {
            return try CoreClient(places)
        } catch let problem as CoreProblem where problem.code == "not_running" {
            return nil
        }
    }

    /// How all packs stand, in the order of their start.
    package func status() throws -> [PackStatus] { try look().packs }

    /// The same, and in words why the core has not started its packs yet; nil when it has.
    package func look() throws -> (packs: [PackStatus], starting: String?) {
        let answer = try ask(.status)
        return (rows(answer), answer["starting"]?.string)
    }

    /// Starts packs (all when none are named) and what they need; returns when they are ready or have failed, or after
    /// `wait`.
    package func start(_ ids: [PackID], wait: Duration = .seconds(120)) throws -> [PackStatus] {
        try packs(.start(ids, wait: wait), within: wait)
    }

    /// Stops packs (all when none are named), before them what needs them if asked; returns when they have ended, or after
    /// `wait`.
    package func stop(
        _ ids: [PackID], withDependants: Bool = true, wait: Duration = .seconds(120)
    ) throws -> [PackStatus] {
        try packs(.stop(ids, withDependants: withDependants, wait: wait), within: wait)
    }

    /// Runs a health command now.
    package func health(_ id: PackID) throws -> PackHealth {
        guard
            let health = try ask(.health(id), within: CoreRequest.longestWait)["health"].flatMap(PackHealth.init(json:))
        else { throw CoreProblem.bad("the answer has no health") }
        return health
    }

    /// Gives the last `lines` of a pack's log to `show`, and those that follow as long as it returns true.
    package func logs(_ id: PackID, lines: Int, follow: Bool, show: ([LogLine]) throws -> Bool) throws {
        try send(.logs(id, lines: lines, follow: follow))
        while true {
            let answer = try receive(within: follow ? nil : .seconds(60))
            let lines = answer["lines"]?.array?.compactMap(LogLine.init(json:)) ?? []
            guard try show(lines), answer["more"]?.bool == true else { return }
        }
    }

    /// Makes the core read the active set again.
    package func reload() throws -> [PackStatus] { try packs(.reload) }

    /// From now on this connection changes the set; if it ends before ``endChange()``, the core recovers by itself.
    package func beginChange() throws { _ = try ask(.beginChange) }

    /// The change is over, one way or the other, and what is active now runs.
    package func endChange() throws { _ = try ask(.endChange) }

    // MARK: Asking

    private func packs(_ request: CoreRequest, within: Duration = .zero) throws -> [PackStatus] {
        rows(try ask(request, within: within))
    }

    private func rows(_ answer: JSONValue) -> [PackStatus] {
        answer["packs"]?.array?.compactMap(PackStatus.init(json:)) ?? []
    }

    private func ask(_ request: CoreRequest, within: Duration = .zero) throws -> JSONValue {
        try turn.withLock { _ in
            try send(request)
            return try receive(within: within + .seconds(60))
        }
    }

    private func send(_ request: CoreRequest) throws {
        do {
            try CoreWire.send(request.json, on: stream, limit: CoreWire.requestLimit)
        } catch let error as SystemError where error.errno == EPIPE {
            // A core that lets nobody in says why before it closes: that can be read still.
        }
    }

    private func receive(within: Duration?) throws -> JSONValue {
        guard let answer = try CoreWire.receive(from: stream, limit: CoreWire.answerLimit, idle: within) else {
            throw CoreProblem(code: "gone", "the core has ended", remedy: "start it again: aurora start")
        }
        guard answer["ok"]?.bool == true else { throw CoreProblem(json: answer["error"] ?? .null) }
        return answer
    }
}
