import AuroraApprovals
import AuroraDatabase
import AuroraModel
import AuroraReleases
import AuroraSandbox
import AuroraSystem
import Synchronization

/// Reads the queues' folders, `queues/<domain>/`, as the prototype's suggestion folders.
///
/// A file is data from a stranger: it is opened without following links, read up to 64 KiB, and parsed in a child without
/// rights. What was read is remembered by its SHA-256 in the database; nothing is ever written, renamed or removed in
/// the folder, so no file beside a suggestion can mark it (defect 33). One thread at a time calls ``scan()``.
final class DropFolders: Sendable {
    private let state: StateFolder
    private let domains: [Domain]
    private let database: Database
    private let promoter: Promoter
    private let targets: Targets
    private let parser: SuggestionParser
    private let trail: AuditTrail
    private let log: Log
    private let clock: WallClock
    /// What each file looked like when it was last read, so that an unchanged one costs one `stat`.
    private let looks = Mutex<[String: Look]>([:])
    /// What was last said about a file that could not be taken in.
    private let complaints = Mutex<[String: String]>([:])
    /// More files than this in one folder are left for later scans.
    private static let filesPerScan = 200

    private struct Look: Hashable {
        let inode: UInt64
        let size: Int64
        let modified: Int64
    }

    init(
        state: StateFolder, domains: [Domain], database: Database, releases: Releases,
        parser: SuggestionParser, trail: AuditTrail, log: Log, clock: WallClock
    ) {
        self.state = state
        self.domains = domains
        self.database = database
        promoter = releases.promoter
        targets = releases.targets
        self.parser = parser
        self.trail = trail
        self.log = log
        self.clock = clock
    }

    /// Reads what is new in all folders.
    func scan() throws {
        for domain in domains { try scan(domain) }
    }

    private func scan(_ domain: Domain) throws {
        let folder: Descriptor
        do { folder = try Descriptor.open(state.queue(domain), [.readOnly, .directory, .noFollow]) } catch { return }
        var read = 0
        for name in try DirectoryNames.read(folder.rawValue) {
            guard let text = name.text, !text.hasPrefix("."), read < Self.filesPerScan else { continue }
            guard let status = try? FileStatus.of(text, in: folder.rawValue), status.kind == .regular else { continue }
            let look = Look(inode: status.inode, size: status.size, modified: status.modified)
            let key = "\(domain.name)/\(text)"
            guard looks.withLock({ $0[key] }) != look else { continue }
            do {
                if try take(text, from: folder, domain: domain) { read += 1 }
            } catch {
                // The files after it are read all the same; this one is tried again at the next scan.
                complain("\(error)", about: key)
                continue
            }
            looks.withLock { looks in
                if looks.count > 10_000 { looks.removeAll() }
                looks[key] = look
            }
            complaints.withLock { $0[key] = nil }
        }
    }

    /// Logs what is wrong with a file when it is something new, not at every scan.
    private func complain(_ words: String, about key: String) {
        let isNew = complaints.withLock { complaints in
            if complaints.count > 10_000 { complaints.removeAll() }
            return complaints.updateValue(words, forKey: key) != words
        }
        if isNew { log.error("a suggestion file cannot be taken in yet", ["file": key, "error": words]) }
    }

    /// Reads one file; false when its content was seen before.
    private func take(_ name: String, from folder: borrowing Descriptor, domain: Domain) throws -> Bool {
        let bytes: [UInt8]
        do {
            let file = try folder.open(name, [.readOnly, .noFollow, .nonBlocking])
            // One byte more than is allowed: enough to know that it is too long, and to name it by a digest.
            bytes = try file.pread(NewSuggestionRequest.maximumBytes + 1, at: 0)
        } catch {
            log.warning("a suggestion file cannot be read", ["domain": domain.name, "file": name, "error": "\(error)"])
            return false
        }
        let digest = Digest(hashing: bytes)
        if try database.read({ try DropFolderStore.isKnown(digest, domain: domain, in: $0) }) { return false }
        var suggestion: SuggestionID?
        var code: String?
        do {
            suggestion = try file(bytes, name: name, domain: domain)
        } catch let refusal as Refusal where refusal.kind != .unavailable {
            code = refusal.code
            try trail.refused(
                .suggestionFile, name.printable(limit: 200), by: .dropFolder, code: refusal.code,
                details: [("domain", domain.name), ("sha256", digest.hex), ("message", refusal.message)])
            log.warning(
                "a suggestion file was refused",
                ["domain": domain.name, "file": name, "code": refusal.code, "message": refusal.message])
        }
        let found = (suggestion, code)
        let now = clock.now()
        try database.write {
            try DropFolderStore.remember(
                digest, domain: domain, name: name, suggestion: found.0, code: found.1, now: now, in: $0)
        }
        return true
    }

    private func file(_ bytes: [UInt8], name: String, domain: Domain) throws -> SuggestionID? {
        let request = try parser.parse(bytes)
        let target = try targets.find(request.target.text)
        guard target.description.domain == domain else {
            throw Refusal(
                .conflict, code: "wrong_queue",
                "The target \(request.target) belongs to the domain \(target.description.domain), not \(domain).",
                subject: name.printable(limit: 200), rule: "a suggestion lies in the queue of its target's domain",
                remedy: "Put the file into queues/\(target.description.domain)/.")
        }
        let outcome = try SuggestionFiling.file(
            request, with: promoter, targets: targets, by: .dropFolder, source: .dropFolder)
        guard case .approvalRequired(let suggestion) = outcome else { return nil }
        return suggestion.id
    }
}

/// Parses suggestion files in a child without rights.
struct SuggestionParser: Sendable {
    let sandbox: Sandbox
    /// The program whose `internal parse-suggestion` is run.
    let auroraPath: String

    /// - Throws: the child's refusal, or `sandbox_unavailable` when a layer of the sandbox is missing: then the file is
    ///   not read at all, and tried again at the next scan.
    func parse(_ bytes: [UInt8]) throws -> NewSuggestionRequest {
        let result: ProcessResult
        do {
            let program = try Descriptor.open(auroraPath, .readOnly)
            result = try sandbox.run(
                .parse(), program: .descriptor(program.rawValue), arguments: ["internal", "parse-suggestion"],
                stdin: .bytes(bytes))
        } catch {
            throw Refusal(
                .unavailable, code: "sandbox_unavailable", "The sandbox for parsing cannot be set up: \(error)",
                rule: "files from outside are parsed in a sandbox or not at all",
                remedy: "Run aurora doctor to see which layer is missing.")
        }
        // The answer is data too: it is parsed as strictly as the file would be, and its meaning is checked again.
        guard let answer = try? JSONParser.parse(result.output) else { throw Self.broken }
        if let suggestion = answer["suggestion"] {
            do { return try NewSuggestionRequest(suggestion) } catch { throw Refusal(error, of: "the suggestion") }
        }
        guard let code = answer["code"]?.string, let message = answer["message"]?.string else { throw Self.broken }
        throw Refusal(
            .unprocessable, code: code.printable(limit: 60), message.printable(limit: 1000),
            remedy: "Correct the file; see docs/formats/suggestion.md.")
    }

    private static let broken = Refusal(
        .unprocessable, code: "parser_failed", "The file made its parser fail.",
        rule: "a suggestion is a small JSON object", remedy: "Correct the file; see docs/formats/suggestion.md.")
}
