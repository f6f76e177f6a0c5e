import AuroraModel

/// The commands of `aurora audit`.
enum AuditCommands {
    static let commands: [Command] = [tail, verify, export, key]

    static let tail = Command(
        "audit tail", "show the last entries of the audit log",
        options: [
            .value("lines", "N", short: "n", "how many entries [20]"),
            .flag("follow", short: "f", "go on with new entries until Ctrl-C"),
        ],
        examples: ["audit tail -n 50", "audit tail --follow"],
        run: { try AuditTail(invocation: $0).run() })

    static let verify = Command(
        "audit verify", "prove that the audit log is whole and only ever grew",
        discussion: """
            Offline on an exported folder, or against a hub: then the log is fetched first. Every entry is hashed \
            again, the tree is rebuilt and the checkpoint's signature checked with the log's key. Exit code 9 names \
            the first entry that does not fit.
            """,
        arguments: [
            CommandArgument("folder", "an exported log; none asks the hub", count: .optional, hint: .directory)
        ],
        options: [
            .value("log-key", "FILE", hint: .file, "the log's verifier key [the folder's, or the hub's]")
        ],
        examples: ["audit verify ./audit-export --log-key log.vkey", "audit verify"],
        run: { try AuditVerifier(invocation: $0).run() })

    static let export = Command(
        "audit export", "save the audit log as a folder that stock verifiers read",
        discussion: "Checkpoint, hash tiles and entry bundles in the form of C2SP tlog-tiles, and the log's key.",
        arguments: [CommandArgument("folder", "a new folder", hint: .directory)],
        examples: ["audit export ./audit-2026-11-20"],
        run: { invocation in
            let folder = invocation.argument("folder")
            guard !LocalFile.exists(folder) else {
                throw CommandError(
                    "\(folder) is there already", remedy: "name a new folder", code: "exists", exit: .conflict)
            }
            let size = try AuditExport(hub: try invocation.hub(), folder: folder, console: invocation.console).run()
            invocation.console.show(
                "AuditExport", ["folder": .string(folder), "entries": .integer(size)], names: [folder]
            ) { "\(size) entries saved to \(folder)" }
            invocation.console.note("  next: aurora audit verify \(folder)")
            return .success
        })

    static let key = Command(
        "audit key", "print the public key that the audit log's checkpoints are signed with",
        discussion: "Keep it somewhere else than on the hub: it is what an exported log is verified with.",
        run: { invocation in
            let key = try invocation.hub().get("/api/v1/audit/key")
            invocation.console.show("AuditKey", key, names: [key.text("key")]) { key.text("key") }
            return .success
        })
}

/// The audit log in words.
enum AuditText {
    /// One entry on one line.
    static func line(_ entry: JSONValue) -> String {
        let refused = entry.text("outcome") == "refused" ? " REFUSED(\(entry.text("code")))" : ""
        let reason = entry.text("reason")
        return
            "\(entry.moment("time")) \(entry.text("actor")) \(entry.text("action"))\(refused) \(entry.text("subject"))"
            .onOneLine + typedBy(entry).onOneLine + (reason.isEmpty ? "" : " — " + reason.onOneLine)
    }

    /// Who typed an approval at a device's terminal; empty for entries about anything else.
    private static func typedBy(_ entry: JSONValue) -> String {
        guard let facts = entry["details"], facts.text("approval") == "console", !facts.text("uid").isEmpty else {
            return ""
        }
        let login = facts.text("login") == "yes" ? "login uid" : "no login, uid"
        return " (typed by \(facts.text("approvedBy")), \(login) \(facts.text("uid")))"
    }

    /// What the hub says about its log.
    static func state(_ state: JSONValue) -> String {
        let size = state.text("size")
        return state["verified"]?.bool == true
            ? "\(size) entries, verified" : "\(size) entries, NOT verified: \(state.text("problem"))"
    }
}
