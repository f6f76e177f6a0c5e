import AuroraModel
import AuroraPacks
import AuroraRuntime
import AuroraSystem

/// The commands of `aurora pack` that talk to the running core.
enum PackServiceCommands {
    static let commands: [Command] = [start, stop, status, logs, health]

    private static let packs = CommandArgument(
        "pack", "the pack's id; all active packs when there is none", count: .any)

    static let start = Command(
        "pack start", "start active packs and what they need",
        arguments: [packs], options: [PackCommands.packs, .device, .noWait],
        run: { invocation in
            let wait = try waiting(invocation)
            let rows = try core(invocation) { try $0.start(ids(invocation), wait: wait) }
            show(rows, invocation)
            return rows.allSatisfy(\.isWell) || invocation.line.has("no-wait") ? .success : .failure
        })

    static let stop = Command(
        "pack stop", "stop active packs, and before them what needs them",
        discussion: "They stay stopped until they are started again, or until the core or the machine is.",
        arguments: [packs], options: [PackCommands.packs, .device, .noWait],
        run: { invocation in
            let wait = try waiting(invocation)
            let rows = try core(invocation) { try $0.stop(ids(invocation), withDependants: true, wait: wait) }
            show(rows, invocation)
            return rows.allSatisfy { !$0.state.isRunning } || invocation.line.has("no-wait") ? .success : .failure
        })

    static let status = Command(
        "pack status", "say how the active packs stand, and which processes are theirs",
        options: [.device],
        run: { invocation in
            let (rows, starting) = try core(invocation) { try $0.look() }
            show(rows, invocation)
            // No packs and a core that runs none yet are different things.
            if let starting { invocation.console.warn(starting) }
            return starting == nil && rows.allSatisfy(\.isWell) ? .success : .failure
        })

    static let logs = Command(
        "pack logs", "show what a pack wrote, and what happened to it",
        arguments: [CommandArgument("pack", "the pack's id", count: .optional)],
        options: [
            PackCommands.packs, .device, .value("lines", "N", short: "n", "show the last N lines [100]"),
            .flag("follow", short: "f", "go on with the lines that come"),
        ],
        examples: ["pack logs pack-status", "pack logs pack-status --lines 20 --follow"],
        run: { invocation in
            guard let id = try ids(invocation).first else {
                throw CommandError.usage("no pack is named", remedy: "aurora pack logs ID")
            }
            let count = try invocation.number("lines") ?? 100
            let follow = invocation.line.has("follow")
            let show: ([LogLine]) -> Bool = { lines in
                for line in lines { invocation.console.raw(text(line, invocation.console.format)) }
                return true
            }
            // Without a core nothing is added; what was written is still there.
            if let client = try CoreClient.ifRunning(invocation.devicePlaces) {
                try client.logs(id, lines: count, follow: follow, show: show)
            } else {
                let ring = LogWriter.ring(try invocation.devicePlaces.output, id.text)
                // A pack that has not run yet has no output; what is no pack at all is refused.
                if try FileStatus.ifExists(ring) == nil {
                    _ = try LocalDevice(invocation).overview.info(id)
                }
                _ = show(try LogReader(folder: ring).tail(count).lines)
            }
            return .success
        })

    static let health = Command(
        "pack health", "run the health commands of active packs now",
        arguments: [packs], options: [PackCommands.packs, .device],
        run: { invocation in
            let found = try core(invocation) { client in
                let asked = try ids(invocation)
                let (packs, starting) = try client.look()
                if asked.isEmpty, let starting { throw CoreProblem(code: "busy", starting, remedy: "ask again") }
                let all = packs.map(\.id).compactMap(PackID.init)
                return try (asked.isEmpty ? all : asked).map { ($0.text, try client.health($0)) }
            }
            showHealth(found, invocation)
            return found.allSatisfy(\.1.passed) ? .success : .failure
        })

    // MARK: Asking

    private static func core<Result>(_ invocation: Invocation, _ body: (CoreClient) throws -> Result) throws -> Result {
        try body(try CoreClient(invocation.devicePlaces))
    }

    private static func waiting(_ invocation: Invocation) throws -> Duration {
        invocation.line.has("no-wait") ? .zero : .seconds(min(try invocation.patience, 3600))
    }

    private static func ids(_ invocation: Invocation) throws -> [PackID] {
        try invocation.packWords().map(Invocation.packID)
    }

    // MARK: Showing

    private static func show(_ rows: [PackStatus], _ invocation: Invocation) {
        var table = TextTable("PACK", "VERSION", "STATE", "FOR", "STARTS", "PROCESSES", "WHY")
        for row in rows {
            let processes = row.processes.map { "\($0.pid) \($0.command)" }.joined(separator: "; ")
            table.add(
                row.id, row.version, row.state.rawValue, age(row.ageMilliseconds), "\(row.attempt)",
                processes.isEmpty ? "-" : String(processes.prefix(60)), why(row))
        }
        invocation.console.show(
            "PackStatusList", list: rows.map(\.json), name: "pack", table: table, empty: "no packs are active")
    }

    private static func why(_ row: PackStatus) -> String {
        var words = [row.waitsFor.isEmpty ? row.detail : "waits for \(row.waitsFor.joined(separator: ", "))"]
        if let retry = row.retryMilliseconds { words.append("again in \(age(retry))") }
        words += row.waived.sorted { $0.key < $1.key }.map { "runs without \($0.key): \($0.value)" }
        if row.droppedBytes > 0 { words.append("\(ByteCount.text(row.droppedBytes)) of output dropped") }
        if let trouble = row.logTrouble { words.append(trouble) }
        return words.joined(separator: "; ")
    }

    private static func age(_ milliseconds: Int64) -> String {
        let seconds = milliseconds / 1000
        switch seconds {
        case ..<120: return "\(seconds) s"
        case ..<7200: return "\(seconds / 60) min"
        case ..<172_800: return "\(seconds / 3600) h"
        default: return "\(seconds / 86400) d"
        }
    }

    private static func text(_ line: LogLine, _ format: Console.Format) -> String {
        if format == .json { return line.json.description + "\n" }
        let dropped = line.dropped > 0 ? "[\(line.dropped) bytes dropped] " : ""
        return "\(line.time.rfc3339) \(line.source.rawValue) \(dropped)\(line.text.onOneLine)\n"
    }

    private static func showHealth(_ found: [(String, PackHealth)], _ invocation: Invocation) {
        var table = TextTable("PACK", "HEALTH", "TOOK", "WHAT IT SAID")
        for (id, health) in found {
            table.add(id, health.passed ? "good" : "BAD", "\(health.milliseconds) ms", health.detail)
        }
        let items = found.map { id, health -> JSONValue in
            var members: [(String, JSONValue)] = [("pack", .string(id))]
            members += health.json.object?.members.map { ($0.key, $0.value) } ?? []
            return .object(JSONObject(members))
        }
        invocation.console.show(
            "PackHealthList", list: items, name: "pack", table: table, empty: "no packs are active")
    }
}
