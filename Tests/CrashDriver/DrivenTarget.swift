import AuroraActivation
import AuroraModel
import AuroraSystem

/// The acts of the sweep on one target: version n is promoted as a release of its own.
struct DrivenTarget {
    let folder: String
    let kind: TargetKind
    var path: String { "\(folder)/app" }
    /// A version no act of the sweep promotes, so that it is neither active nor blocked when a check needs one.
    private static let laterVersion = 90

    /// Version 0 as somebody else's content, durable.
    func seed() throws {
        try DurableFile.makeDirectory(path)
        try Version(number: 0).write(to: path)
        try DurableFile.syncFileSystem(of: folder)
    }

    func open() throws -> ActivationEngine {
        let engine = try ActivationEngine(target: path, kind: kind, keep: 2, clock: .fixed(1_700_000_000_000))
        _ = try engine.recover(apply: {}, health: { .healthy })
        try engine.adoptExisting()
        return engine
    }

    /// Versions 0 to `last` promoted one after the other; durable.
    func setUp(last: Int) throws {
        try seed()
        let engine = try open()
        if last > 0 { for number in 1...last { try promote(number, engine, isHealthy: true) } }
        try DurableFile.syncFileSystem(of: folder)
    }

    /// Stage, publish, prepare, activate, collect: everything a promote does to the disk.
    func promote(from first: Int, to last: Int, isHealthy: Bool) throws {
        let engine = try open()
        for number in first...last {
            let outcome = try promote(number, engine, isHealthy: isHealthy)
            if outcome.result == .committed { try acknowledge(number) }
            try engine.collectGarbage(retaining: [])
        }
    }

    @discardableResult
    private func promote(_ number: Int, _ engine: ActivationEngine, isHealthy: Bool) throws -> ActivationOutcome {
        let staged = try engine.stagingDirectory()
        let digest: Digest
        do {
            try Version(number: number).write(to: staged)
            digest = try engine.publish(staged: staged).digest
        } catch {
            try? engine.discardStaging(staged)
            throw error
        }
        let generation = try engine.prepare(
            treeDigest: digest, planDigest: Digest(hashing: Array("plan \(number)".utf8)), label: "version \(number)")
        return try engine.activate(
            generation.number, apply: {},
            health: { try isHealthy || current() != number ? .healthy : .unhealthy("told to be") })
    }

    func rollback() throws {
        let outcome = try open().rollback(apply: {}, health: { .healthy })
        if outcome.result == .committed { try acknowledge(1) }
    }

    func recover() throws {
        let engine = try ActivationEngine(target: path, kind: kind, keep: 2, clock: .fixed(1_700_000_000_000))
        let report = try engine.recover(apply: {}, health: { .healthy })
        try Standard.write("\(report.finding)\n")
    }

    /// The number in the file VERSION, for the health check only.
    private func current() throws -> Int? {
        let bytes = try DurableFile.read("\(path)/VERSION")
        return Int(String(decoding: bytes.dropLast(), as: UTF8.self))
    }

    /// Which of the versions is at the path, exactly; prints its number.
    func look(from first: Int, to last: Int) throws -> Int {
        let found = try Version.fingerprint(of: path)
        guard let number = (first...last).first(where: { Version(number: $0).fingerprint == found }) else {
            throw BadState(
                description: "the path holds no version from \(first) to \(last), but:\n"
                    + found.joined(separator: "\n"))
        }
        try Standard.write("version \(number)\n")
        return number
    }

    /// Exactly one version before recovery and after it, the engine agrees, recovery is repeatable, and life goes on.
    func check(from first: Int, to last: Int) throws {
        _ = try look(from: first, to: last)
        let engine = try open()
        let number = try look(from: first, to: last)
        let state = engine.state
        guard try engine.recover().finding == .clean, engine.state == state else {
            throw BadState(description: "a second recovery found something to do")
        }
        guard try engine.drift().isEmpty else { throw BadState(description: "the active tree drifted") }
        guard try DirectoryNames.read(in: "\(folder)/.app.aurora/staging").isEmpty else {
            throw BadState(description: "recovery left something in staging")
        }
        try promote(Self.laterVersion, engine, isHealthy: true)
        _ = try look(from: Self.laterVersion, to: Self.laterVersion)
        try engine.rollback(apply: {}, health: { .healthy }).requireCommitted()
        _ = try look(from: number, to: number)
    }
}

extension ActivationOutcome {
    fileprivate func requireCommitted() throws {
        if result != .committed { throw BadState(description: "\(action) ended as \(result)") }
    }
}
