import AuroraSystem

/// Puts a probe's question once; blocks for at most the probe's timeout and the kill of a command.
struct ProbeRunner: Sendable {
    let room: Confinement
    /// Raised when the answer is not wanted any more.
    let stop: StopSignal
    /// Most bytes of a command's output that are kept.
    static let outputLimit = 16 << 10

    /// Asks.
    ///
    /// - Parameter open: the room the service runs in; commands run in it.
    func ask(_ probe: Probe, in open: any OpenRoom) -> ProbeAnswer {
        let began = ContinuousClock.now
        func answer(_ passed: Bool, _ detail: String, _ output: [UInt8] = []) -> ProbeAnswer {
            ProbeAnswer(
                passed: passed, detail: String(detail.prefix(500)), output: output,
                duration: ContinuousClock.now - began)
        }
        do {
            switch probe.check {
            case .command(let command):
                return try ProbeAnswer(result: run(command, probe.timeout, open))
            case .http(let port, let path):
                let status = try httpStatus(port, path, probe.timeout)
                return answer((200...399).contains(status), "HTTP status \(status)")
            case .tcp(let port):
                try demandNetwork()
                _ = try LoopbackStream.connect(port: port, timeout: probe.timeout, stop: stop)
                return answer(true, "port \(port) takes connections")
            case .unix(let path):
                try connect(path)
                return answer(true, "\(path) takes connections")
            }
        } catch {
            return answer(false, "\(error)")
        }
    }

    private func run(_ command: [String], _ timeout: Duration, _ open: any OpenRoom) throws -> ConfinedResult {
        var options = ConfinedRun(timeout: timeout)
        options.outputLimit = Self.outputLimit
        options.stop = stop
        return try open.run(command, options)
    }

    // MARK: The network

    /// HTTP/1.0 without a body: the status line is all that is looked at, so no client library is loaded for it.
    private func httpStatus(_ port: UInt16, _ path: String, _ timeout: Duration) throws -> Int {
        guard path.hasPrefix("/"), path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw ProbeProblem(description: "'\(path)' is no path of a URL")
        }
        try demandNetwork()
        let stream = try LoopbackStream.connect(port: port, timeout: timeout, stop: stop)
        try stream.send(Array("GET \(path) HTTP/1.0\r\nHost: localhost\r\nUser-Agent: aurora-probe\r\n\r\n".utf8))
        var head: [UInt8] = []
        while !head.contains(10), head.count < 1024 {
            let more = try stream.receive(limit: 1024)
            if more.isEmpty { break }
            head += more
        }
        let words = head.prefix { $0 != 10 && $0 != 13 }.split(separator: UInt8(ascii: " "), maxSplits: 2)
        guard words.count >= 2, words[0].starts(with: Array("HTTP/1.".utf8)), words[1].count == 3,
            let status = Int(String(decoding: words[1], as: UTF8.self))
        else { throw ProbeProblem(description: "port \(port) answered something that is not HTTP") }
        return status
    }

    /// A room without the host's network has a loopback of its own, which nobody outside can reach.
    private func demandNetwork() throws {
        guard room.network == .shared else {
            throw ProbeProblem(
                description: "the room has no network, so this probe cannot reach it; use a command or a unix probe")
        }
    }

    // MARK: Sockets in mounts

    /// Finds the socket on the host, component by component and without following links: the pack writes these folders.
    private func connect(_ inside: String) throws {
        let mounts = room.mounts.filter { inside.hasPrefix($0.inside + "/") }
        guard let mount = mounts.max(by: { $0.inside.utf8.count < $1.inside.utf8.count }) else {
            throw ProbeProblem(description: "\(inside) lies in none of the room's mounts")
        }
        var names = inside.dropFirst(mount.inside.count + 1).split(separator: "/").map(String.init)
        guard let name = names.popLast(), !(names + [name]).contains("..") else {
            throw ProbeProblem(description: "\(inside) is no path of a socket")
        }
        var folder = try Descriptor.open(mount.host, [.pathOnly, .directory])
        for name in names { folder = try folder.open(name, [.pathOnly, .directory, .noFollow]) }
        _ = try LocalStream(name: name, in: folder.rawValue)
    }
}

/// Why a probe could not be put.
private struct ProbeProblem: Error, CustomStringConvertible {
    let description: String
}

extension ProbeAnswer {
    /// What a health command's end means.
    init(result: ConfinedResult) {
        let said = result.output.isEmpty ? result.errorOutput : result.output
        let line = String(decoding: said, as: UTF8.self).split(separator: "\n").last.map(String.init) ?? ""
        let end: String =
            switch result.cause {
            case .exited(let status): "exit status \(status)"
            case .signalled(let signal): "ended by signal \(signal)"
            case .outOfMemory: "out of memory"
            case .timedOut: "no answer in time"
            case .stopped: "not asked to its end"
            }
        self.init(
            passed: result.isSuccess, detail: String((line.isEmpty ? end : "\(end): \(line)").prefix(500)),
            output: result.output + result.errorOutput, duration: result.duration)
    }
}
