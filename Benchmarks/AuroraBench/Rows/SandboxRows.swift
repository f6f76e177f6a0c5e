import AuroraRuntime
import AuroraSandbox
import AuroraSystem
import Glibc

/// What a room costs, beside other sandboxes and no sandbox.
///
/// A start ends when the program inside reads the clock: every layer is in force and it runs. The whole run ends when
/// everything in it is dead and taken down. Both are measured in the same way for everybody, and rooms both after
/// another and between starts of others, which leave work for the kernel behind.
enum SandboxRows {
    static func run(_ bench: Bench) throws -> [ResultRow] {
        let code = try bench.makeFolder("room")
        let runner = SandboxedRunner(sandbox: Sandbox(launcherPath: try bench.program("aurora-launcher")))
        let identity = SandboxIdentity(uid: 1_879_100_003, gid: 1_879_100_003).whenRoot
        var room = Confinement(id: "bench", identity: identity, code: code)
        // As the others have it: reading a locale is no part of a start.
        room.environment = ["LC_ALL": "C"]
        // What a pack's room has beside its code: data, logs, and a pack it needs.
        var packed = room
        packed.mounts = try ["/aurora/data", "/aurora/logs", "/aurora/packs/base"].enumerated().map { index, inside in
            Confinement.Mount(
                host: try bench.makeFolder("mount-\(index)"), inside: inside, isWritable: index < 2)
        }
        let peers = try SandboxPeer.all(bench)
        let open = try runner.open(room, output: Silence())
        defer { _ = open.close(grace: .zero) }
        var (plain, alone, mounted, between) = (Runs(), Runs(), Runs(), Runs())
        var others = peers.map { _ in Runs() }
        var command = Samples(.seconds)
        let rounds = bench.isQuick ? 20 : 100
        for _ in 0..<rounds {
            plain.add(try measure(SandboxPeer.program))
            alone.add(try measure(runner, room))
            mounted.add(try measure(runner, packed))
        }
        for _ in 0..<rounds {
            command.add(try seconds { _ = try output(open.run(SandboxPeer.program, ConfinedRun())) })
            between.add(try measure(runner, room))
            for (index, peer) in peers.enumerated() {
                if let command = peer.command { others[index].add(try measure(command)) }
            }
        }
        let over = alone.start.median - plain.start.median
        let wholeOver = alone.whole.median - plain.whole.median
        return [
            ResultRow(
                "start in a room after another, over plain", ours: Unit.seconds.text(over),
                peer: "plain: \(plain.start.text)", ratio: times(alone.start.median, plain.start.median),
                bar: "≤ 6 ms over", isMet: over <= 0.006),
            ResultRow(
                "the same with its end", ours: Unit.seconds.text(wholeOver), peer: "plain: \(plain.whole.text)",
                ratio: times(alone.whole.median, plain.whole.median)),
            ResultRow(
                "start in a room with three mounts, over plain",
                ours: Unit.seconds.text(mounted.start.median - plain.start.median), peer: "plain: \(plain.start.text)",
                ratio: times(mounted.start.median, plain.start.median)),
            ResultRow(
                "a command in an open room", ours: command.text, peer: "plain: \(plain.whole.text)",
                ratio: times(command.median, plain.whole.median)),
        ] + zip(peers, others).flatMap { rows($0, $1, ours: between) }
    }

    private static func rows(_ peer: SandboxPeer, _ other: Runs, ours: Runs) -> [ResultRow] {
        [("start in a room", ours.start, other.start), ("the same with its end", ours.whole, other.whole)].map {
            figure, ours, other in
            let isMeasured = peer.command != nil
            return ResultRow(
                "\(figure), beside \(peer.name)", ours: ours.text,
                peer: isMeasured ? other.text : "\(peer.name) is not installed: not measured",
                ratio: times(ours.median, other.median), bar: peer.isToBeat ? "ahead" : "-",
                isMet: peer.isToBeat && isMeasured ? ours.median < other.median : nil)
        }
    }

    /// The program without a room: in another sandbox or in none.
    private static func measure(_ command: [String]) throws -> Run {
        try Run.measure {
            let result = try Processes.run(
                ProcessSpec(
                    executable: command[0], arguments: Array(command.dropFirst()), environment: Tool.environment))
            guard result.isSuccess else {
                let said = String(decoding: result.errorOutput.prefix(200), as: UTF8.self)
                throw BenchError("\(command[0]) ended with \(result.outcome): \(said)")
            }
            return result.output
        }
    }

    /// The program in a room of its own.
    private static func measure(_ runner: SandboxedRunner, _ room: Confinement) throws -> Run {
        try Run.measure { try output(runner.run(SandboxPeer.program, in: room, ConfinedRun())) }
    }

    private static func output(_ result: ConfinedResult) throws -> [UInt8] {
        guard result.isSuccess else { throw BenchError("the room's command ended with \(result.cause)") }
        return result.output
    }
}

/// One start and its end, in seconds.
private struct Run {
    let start: Double
    let whole: Double

    /// - Parameter body: gives what the program wrote.
    static func measure(_ body: () throws -> [UInt8]) throws -> Run {
        let began = nanoseconds()
        let output = try body()
        let ended = nanoseconds()
        guard let ran = Int(String(decoding: output, as: UTF8.self).trimmed), ran >= began, ran <= ended else {
            throw BenchError("the program did not tell when it ran, or the clock was set")
        }
        return Run(start: Double(ran - began) / 1e9, whole: Double(ended - began) / 1e9)
    }
}

/// Since 1970, as `date` tells it.
private func nanoseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

private struct Runs {
    private(set) var start = Samples(.seconds)
    private(set) var whole = Samples(.seconds)

    mutating func add(_ run: Run) {
        start.add(run.start)
        whole.add(run.whole)
    }
}

/// Nobody listens.
private struct Silence: OutputSink {
    func receive(_ bytes: [UInt8], from stream: OutputStreamName) {}
}
