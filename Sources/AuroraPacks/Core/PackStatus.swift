package import AuroraModel
package import AuroraRuntime
import AuroraSandbox

/// How one pack stands, as the core tells it.
package struct PackStatus: Hashable, Sendable {
    /// A process of the pack.
    package struct Process: Hashable, Sendable {
        /// As the host sees it.
        package let pid: Int64
        package let command: String
    }

    package let id: String
    package let version: String
    /// STAGED, STARTING, READY, DEGRADED, BACKOFF, STOPPING, STOPPED or QUARANTINED.
    package let state: ServiceState
    /// The stable word for why it is in this state.
    package let cause: String
    /// The same in words.
    package let detail: String
    /// Milliseconds in this state.
    package let ageMilliseconds: Int64
    /// Which start of it this is, since the core began.
    package let attempt: Int64
    /// Failures in a row that count.
    package let failures: Int64
    /// Milliseconds until it is started again; nil when it is not.
    package let retryMilliseconds: Int64?
    /// The packs it waits for before it is started.
    package let waitsFor: [String]
    package let processes: [Process]
    /// Bytes of its output that were dropped.
    package let droppedBytes: Int64
    /// What keeps its output from being written; nil when nothing does.
    package let logTrouble: String?
    /// Whether nothing of it runs and nothing needs to: its work is done.
    package let isDone: Bool
    /// Sandbox layers that its open room is without, and by whose word and until when.
    package let waived: [String: String]

    /// Whether it is as it should be.
    package var isWell: Bool { state == .ready }
}

extension PackStatus {
    init(_ status: ServiceStatus) {
        self.init(
            id: status.id, version: status.version, state: status.state, cause: status.cause.code,
            detail: "\(status.cause)", ageMilliseconds: status.age.wholeMilliseconds, attempt: Int64(status.attempt),
            failures: Int64(status.failures), retryMilliseconds: status.retryIn?.wholeMilliseconds,
            waitsFor: status.waitsFor,
            processes: status.processes.prefix(200).map {
                Process(pid: Int64($0.pid), command: String($0.command.prefix(200)))
            },
            droppedBytes: Int64(status.droppedBytes), logTrouble: status.logTrouble, isDone: status.isDone,
            waived: Dictionary(status.waivers.map { ($0.key.rawValue, $0.value) }) { first, _ in first })
    }

    /// The status as it is sent and as `--json` shows it.
    package var json: JSONValue {
        let list = processes.map { JSONValue.object(["pid": .integer($0.pid), "command": .string($0.command)]) }
        return [
            "pack": .string(id), "version": .string(version), "state": .string(state.rawValue),
            "cause": .string(cause), "detail": .string(detail), "age_ms": .integer(ageMilliseconds),
            "attempt": .integer(attempt), "failures": .integer(failures), "retry_ms": JSONValue(retryMilliseconds),
            "waits_for": JSONValue(waitsFor), "processes": .array(list), "dropped_bytes": .integer(droppedBytes),
            "log_trouble": JSONValue(logTrouble), "done": .bool(isDone),
            "waived": .object(
                JSONObject(waived.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) })),
        ]
    }

    /// Reads what ``json`` gives; members that are not known are skipped.
    init?(json value: JSONValue) {
        guard let id = value["pack"]?.string, let state = value["state"]?.string.flatMap(ServiceState.init(rawValue:)),
            let cause = value["cause"]?.string
        else { return nil }
        self.init(
            id: id, version: value["version"]?.string ?? "", state: state, cause: cause,
            detail: value["detail"]?.string ?? cause, ageMilliseconds: value["age_ms"]?.integer ?? 0,
            attempt: value["attempt"]?.integer ?? 0, failures: value["failures"]?.integer ?? 0,
            retryMilliseconds: value["retry_ms"]?.integer,
            waitsFor: value["waits_for"]?.array?.compactMap(\.string) ?? [],
            processes: value["processes"]?.array?.compactMap { entry in
                guard let pid = entry["pid"]?.integer else { return nil }
                return Process(pid: pid, command: entry["command"]?.string ?? "")
            } ?? [],
            droppedBytes: value["dropped_bytes"]?.integer ?? 0, logTrouble: value["log_trouble"]?.string,
            isDone: value["done"]?.bool ?? false,
            waived: Dictionary(
                value["waived"]?.object?.members.compactMap { name, word in word.string.map { (name, $0) } } ?? []
            ) { first, _ in first })
    }
}

/// What a health command found.
package struct PackHealth: Hashable, Sendable {
    package let passed: Bool
    /// What was seen, in one line.
    package let detail: String
    /// What the command printed, at most 16 KiB; bytes that are not UTF-8 as U+FFFD.
    package let output: String
    package let milliseconds: Int64

    /// The answer as it is sent and as `--json` shows it.
    package var json: JSONValue {
        [
            "passed": .bool(passed), "detail": .string(detail), "output": .string(output),
            "duration_ms": .integer(milliseconds),
        ]
    }
}

extension PackHealth {
    init(_ answer: ProbeAnswer) {
        self.init(
            passed: answer.passed, detail: answer.detail,
            output: String(decoding: answer.output.prefix(16 << 10), as: UTF8.self),
            milliseconds: answer.duration.wholeMilliseconds)
    }

    init?(json value: JSONValue) {
        guard let passed = value["passed"]?.bool else { return nil }
        self.init(
            passed: passed, detail: value["detail"]?.string ?? "", output: value["output"]?.string ?? "",
            milliseconds: value["duration_ms"]?.integer ?? 0)
    }
}
