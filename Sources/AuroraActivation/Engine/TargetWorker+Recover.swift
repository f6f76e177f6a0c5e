import AuroraModel
import AuroraSystem

extension TargetWorker {
    /// Brings files and journal to one story again; every step can be repeated after another interruption.
    func recover() throws -> RecoveryReport {
        try clearLeftovers()
        let finding = try reconcileWithDisk()
        try removeOrphans()
        var foreign: String?
        if state.open == nil, let active = state.active {
            let location = try switcher.locate(state)
            if location != .generation(active) { foreign = describe(location) }
            try compactJournal(above: 64 << 10)
        }
        let report = RecoveryReport(finding: finding, droppedJournalBytes: droppedJournalBytes, foreign: foreign)
        recovered()
        return report
    }

    /// Reads the journal and makes it and what lies at the path say the same.
    func reconcileWithDisk() throws -> RecoveryReport.Finding {
        try reload()
        try finishAdoption()
        return try resolveOpenOperation() ?? followDisk()
    }

    private func clearLeftovers() throws {
        for name in try DirectoryNames.read(in: layout.staging) {
            try FileTree.remove(name, inFolder: layout.staging)
        }
        for folder in [layout.journalFolder, layout.store] { try DurableFile.removeLeftovers(in: folder) }
    }

    /// The recovery table of docs/formats/journal.md.
    private func resolveOpenOperation() throws -> RecoveryReport.Finding? {
        guard let operation = state.open else { return nil }
        let (old, new) = (try generation(operation.from), try generation(operation.to))
        let location = try switcher.locate(state)
        guard location == .generation(old.number) || location == .generation(new.number) else {
            throw error(
                .foreignContent,
                "generation \(old.number) was being replaced by \(new.number), but the path holds \(describe(location))",
                remedy: "put one of the two back at the path, then run recovery again")
        }
        let isSwitched = location == .generation(new.number)
        try switcher.settle(active: isSwitched ? new.number : old.number, state)
        switch (operation.phase, isSwitched) {
        case (.intent, false), (.switched, false):
            return operation.hasSideWork ? .needsUndo(operation) : try abort(operation)
        case (.intent, true):
            // The rename can be seen; make sure that it also stays before saying so.
            try DurableFile.syncDirectory(layout.parent)
            try DurableFile.syncDirectory(layout.root)
            try append(.switched)
            return .needsGate(state.open ?? operation)
        case (.switched, true):
            return .needsGate(operation)
        case (.rollingBack, true):
            try switcher.perform(from: new, to: old)
            try switcher.settle(active: old.number, state)
            return .needsRestart(operation)
        case (.rollingBack, false):
            try DurableFile.syncDirectory(layout.parent)
            return .needsRestart(operation)
        }
    }

    /// Nothing is open, but an earlier generation of Aurora's own lies at the path.
    ///
    /// That is so when a commit reached the disk although its sync reported an error, and the old tree was put back. The
    /// journal follows the disk: it reads as a rollback, whose gate is still to run.
    private func followDisk() throws -> RecoveryReport.Finding {
        guard let active = state.active else { return .clean }
        try switcher.settle(active: active, state)
        guard case .generation(let found) = try switcher.locate(state), found != active,
            [.retired, .failed].contains(try generation(found).state)
        else { return .clean }
        let reason = "the journal said generation \(active), the path held generation \(found)"
        let operation = Operation(
            action: .rollback, from: active, to: found, plan: try generation(found).planDigest, began: clock.now(),
            reason: reason, hasSideWork: layout.isDevice)
        try switcher.settle(active: found, state)
        try append(.intent(operation))
        try append(.switched)
        return .needsGate(state.open ?? operation)
    }

    private func abort(_ operation: Operation) throws -> RecoveryReport.Finding {
        try DurableFile.syncDirectory(layout.parent)
        try append(.aborted(reason: "interrupted; generation \(operation.from) is at the path"))
        return .aborted(operation)
    }

    /// Runs the gate that recovery found open.
    ///
    /// A gate that was begun too often is taken as failed.
    func resume(gate: Gate) throws -> ActivationOutcome? {
        try heal()
        guard var operation = state.open else { return nil }
        let old = try generation(operation.from)
        if operation.phase != .rollingBack, operation.hasSideWork,
            try switcher.locate(state) == .generation(operation.from)
        {
            try finishAbort(operation, reason: "interrupted before the switch", gate: gate)
            return nil
        }
        if operation.phase == .rollingBack {
            return try finishTakeBack(operation, old: old, reason: operation.reason ?? "interrupted", gate: gate)
        }
        operation.attempts += 1
        guard operation.attempts <= Self.gateAttempts else {
            let reason = "the health gate was interrupted \(Self.gateAttempts) times"
            return try judge(operation, gate: gate.failing(reason))
        }
        try append(.gate(attempt: operation.attempts))
        // Whether a rollback came to its switch by hand or by its own steps, its side work has to be whole.
        do {
            if operation.action == .rollback { try gate.prepare() }
            return try judge(operation, gate: gate)
        } catch let error as NoVerdict {
            // Nobody was asked: that is no attempt.
            try? append(.gate(attempt: operation.attempts - 1))
            throw error
        }
    }

    /// Removes generation folders that the journal does not know: built or collected halfway.
    private func removeOrphans() throws {
        // Without an adoption on record the journal may be lost: then what is there must not be thrown away.
        guard state.active != nil else { return }
        for name in try DirectoryNames.read(in: layout.generations) {
            guard let text = name.text, Int(text).flatMap(state.generation(_:)) == nil else { continue }
            try layout.discard("\(layout.generations)/\(text)", as: "generation-\(text)")
        }
    }
}
