package import AuroraActivation
import AuroraAudit
import AuroraDatabase
package import AuroraModel
import AuroraSystem

/// What the start after an interruption found and did.
package struct PackRecovery: Hashable, Sendable {
    package let report: RecoveryReport
    /// The packs whose data were being put in place, or taken back; that was finished.
    package var data: [PackID] = []
    /// Why data of other packs are not in place yet; those packs do not start.
    package var dataTrouble: [String] = []
    /// Whether nothing had been interrupted.
    package var isClean: Bool { report.finding == .clean && data.isEmpty && dataTrouble.isEmpty }

    /// What became of the data; nil where nothing was open.
    package var dataWords: String? {
        let done =
            data.isEmpty
            ? []
            : [
                "an interrupted change of the data of \(data.map(\.text).joined(separator: ", ")) was brought to its end"
            ]
        return data.isEmpty && dataTrouble.isEmpty ? nil : (done + dataTrouble).joined(separator: "; ")
    }
}

extension PackInstaller {
    /// Finishes or takes back what an interruption left; every step can be repeated.
    ///
    /// Before the switch: data are brought back and the old packs started. After it: the new ones are started and judged
    /// once more. On the way back: the way back is finished.
    /// - Throws: `Refusal` with code `change_open` when a change is open and not to be resumed; `NoVerdict`, and the change
    ///   stays open, when the core cannot be asked.
    package func recover(resuming: Bool = true) throws -> PackRecovery {
        var report = try engine.recover()
        try engine.adoptExisting()
        if try FileStatus.ifExists(device.places.live) == nil {
            try DurableFile.symlink("current/packs", at: device.places.live)
        }
        if let operation = engine.state.open {
            guard resuming else { throw interrupted }
            defer { parts.services.finish() }
            let transaction = try transaction(of: operation)
            report.outcome = try engine.resume(
                beside: transaction.beside, apply: transaction.apply, health: transaction.health)
        }
        try concludeOpen(ended: report.outcome)
        let data = try finishData(resuming: resuming)
        return PackRecovery(report: report, data: data.done, dataTrouble: data.trouble)
    }

    var interrupted: Refusal {
        Refusal(
            .conflict, code: "change_open", "A change of this device's packs was interrupted.",
            subject: device.places.root, rule: "an interrupted change is finished before anything else",
            remedy: "the running core finishes it: look again in a moment")
    }

    /// The transaction of an operation that the journal says is open.
    private func transaction(of operation: AuroraActivation.Operation) throws -> PackTransaction {
        let sets = SetTrees(engine: engine)
        let change = SetChange(
            from: try sets.set(of: engine.state.generation(operation.from)),
            to: try sets.set(of: engine.state.generation(operation.to)))
        var packs: [Digest: KnownPack] = [:]
        for member in change.from.members + change.to.members where packs[member.tree] == nil {
            packs[member.tree] = try catalog.pack(member.tree)
        }
        return PackTransaction(
            change, action: operation.action,
            generation: operation.action == .activate ? operation.to : operation.from, packs: packs, parts: parts)
    }

    // MARK: Ends

    /// Writes down the end of the change that was begun, if its end is not written yet.
    ///
    /// - Parameters:
    ///   - outcome: how an operation ended just now. One that nobody had begun here is written down too: then the journal
    ///     followed the disk. Nil when it ended in a process that was killed; the engine's journal tells.
    ///   - reason: why nothing was switched, if that is so.
    func concludeOpen(
        ended outcome: ActivationOutcome? = nil, because reason: String = "interrupted before the switch"
    ) throws {
        let change = try device.database.read { try PackStore.openChange(in: $0) }
        if let ending = outcome ?? change?.ending(engine.state) {
            return try close(entry(ending, plan: change?.plan ?? ending.plan))
        }
        guard let change else { return }
        let subject = change.action == .activate ? change.plan.hex : "rollback"
        let entry = entry(.packAborted, subject, by: .system, [("plan", change.plan.hex)], reason: reason)
        // A rollback carries the plan of what it goes back to, whose approval was used long ago and stays so.
        try close(entry, releasing: change.action == .activate ? change.plan : nil)
    }

    private func entry(_ ending: ActivationOutcome, plan: Digest?) -> AuditEntry {
        let act: AuditAct =
            switch ending.result {
            case .committed: .packDone
            case .rolledBack: .packRolledBack
            case .degraded: .packDegraded
            }
        return entry(
            act, "generation \(ending.active)", by: .system,
            [("plan", plan?.hex ?? ""), ("from", "\(ending.from)"), ("to", "\(ending.to)")],
            reason: ending.reason ?? "")
    }

    /// Ends the open change in the same transaction as the entry that says so; `releasing` gives its approval back.
    private func close(_ entry: AuditEntry, releasing plan: Digest? = nil) throws {
        let audit = device.audit
        try device.database.write { transaction in
            if let plan { try PackStore.release(plan, in: transaction) }
            try PackStore.close(in: transaction)
            try audit.append(entry, in: transaction)
        }
    }

    // MARK: Log

    /// Runs a request and writes its refusal into the log.
    func audited<Result>(_ act: AuditAct, _ subject: String, by actor: Actor, _ body: () throws -> Result) throws
        -> Result
    {
        do {
            return try body()
        } catch {
            let error = FullDisk.refusal(for: error, on: device.places) ?? error
            let refusal = error as? Refusal
            let code =
                refusal?.code ?? (error is NoVerdict ? "change_open" : nil) ?? (error as? ActivationError).map {
                    "activation_\($0.code)"
                } ?? "failed"
            do {
                try device.audit.record(
                    AuditEntry(
                        time: Timestamp(milliseconds: device.clock.now()), actor: actor, action: act.rawValue,
                        subject: subject, outcome: .refused(code: code), details: [("message", "\(error)")]))
            } catch  where FullDisk.refusal(for: error, on: device.places) != nil {
                // Nothing was done, and a full disk takes no entry: what was refused is worth more than that.
            }
            throw error
        }
    }

    func entry(
        _ act: AuditAct, _ subject: String, by actor: Actor, _ details: [(String, String)], reason: String = ""
    ) -> AuditEntry {
        AuditEntry(
            time: Timestamp(milliseconds: device.clock.now()), actor: actor, action: act.rawValue, subject: subject,
            reason: reason, details: details.filter { !$0.1.isEmpty })
    }

    func name(of request: PackRequest) -> String {
        switch request {
        case .change(let wishes):
            wishes.map { wish in
                switch wish {
                case .version(let id, _): id.text
                case .tree(let tree): tree.short
                case .removal(let id): "-\(id)"
                }
            }.joined(separator: ", ")
        case .generation(let number): "generation \(number)"
        case .takeBack: "rollback"
        }
    }
}
