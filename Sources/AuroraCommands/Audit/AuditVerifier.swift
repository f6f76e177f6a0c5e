import AuroraAudit
import AuroraModel
import AuroraSystem

/// Runs `aurora audit verify`: a log in a folder, or a hub's, proven with nothing but its public key.
struct AuditVerifier {
    let invocation: Invocation

    /// Verifies and reports; a log that does not hold ends with exit code 9.
    func run() throws -> ExitCode {
        if let folder = invocation.line.argument("folder") { return try conclude(try verify(folder), of: folder) }
        let hub = try invocation.hub()
        return try TemporaryFolder.with("aurora-audit") { parent in
            let folder = parent + "/log"
            _ = try AuditExport(hub: hub, folder: folder, console: invocation.console).run()
            return try conclude(try verify(folder), of: hub.base)
        }
    }

    private func verify(_ folder: String) throws -> AuditReport {
        let own = folder + "/" + AuditExport.keyName
        let file = invocation.line.value("log-key") ?? own
        if file == own {
            invocation.console.warn("the key is the log's own: it proves the log is whole, not whose it is (--log-key)")
        }
        let text = String(decoding: try LocalFile.read(file, what: "log key", limit: 4096), as: UTF8.self).trimmed
        return AuditLog.verify(directory: folder, verifierKey: try VerifierKey(text))
    }

    private func conclude(_ report: AuditReport, of log: String) throws -> ExitCode {
        guard report.isSound else {
            let first = report.problems.min { ($0.entry ?? .max) < ($1.entry ?? .max) }
            throw CommandError(
                "the audit log of \(log) does not verify", cause: report.summary,
                remedy: "keep this copy, and compare with an older export",
                code: first?.kind.rawValue ?? "audit_damaged",
                exit: .verificationFailed,
                details: ["firstBadEntry": JSONValue(report.firstBadEntry), "entries": .integer(report.size)])
        }
        let root = report.checkpoint.map { "\($0.root)" } ?? ""
        invocation.console.show(
            "AuditVerification", ["log": .string(log), "entries": .integer(report.size), "root": .string(root)],
            names: [root]
        ) { "\(report.size) entries verified, checkpoint signed, root \(root.prefix(12))" }
        return .success
    }
}
