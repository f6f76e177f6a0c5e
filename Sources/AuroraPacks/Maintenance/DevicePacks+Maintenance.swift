package import AuroraActivation
import AuroraAudit
package import AuroraModel
package import AuroraRuntime
import AuroraSystem

/// What a core does to the packs of a device by the calendar.
extension DevicePacks {
    /// Reads every byte of the active packs, without holding anybody up, and notes in the log what is not as it was verified.
    ///
    /// - Throws: `Refusal` with code `pack_drift`.
    package func verify(_ stop: RunStop) throws {
        let (places, set) = (device.places, try SetTrees.active(at: device.places))
        guard !set.members.isEmpty else { return }
        var items = try ActivationEngine.verifyTree(SetTrees.digest(of: set), ofDevice: places.root)
        for member in set.members {
            if stop.isRaised { return }
            items += try ActivationEngine.verifyTree(member.tree, ofDevice: places.root).map {
                DriftItem(path: "packs/\(member.id)/\($0.path)", problem: $0.problem)
            }
        }
        // A change beside this may have taken the packs away that were read.
        guard try SetTrees.active(at: places) == set else { return }
        try note(items, by: .system)
    }

    /// Notes in the log that active packs are not as they were verified; nothing when they are.
    ///
    /// - Throws: `Refusal` with code `pack_drift`, which ends the task that found it.
    package func note(_ items: [DriftItem], by actor: Actor) throws {
        guard !items.isEmpty else { return }
        let refusal = MaintenanceRefusals.drift(items)
        try device.audit.record(
            AuditEntry(
                time: Timestamp(milliseconds: device.clock.now()), actor: actor, action: AuditAct.packDrift.rawValue,
                subject: "generation \(try SetTrees.activeGeneration(at: device.places))",
                details: [("message", refusal.message)]))
        throw refusal
    }

    /// Removes what nothing needs any more, as soon as nobody is changing the device.
    ///
    /// - Throws: `Refusal` with code `device_busy` when somebody is for minutes.
    package func collect(_ stop: RunStop) throws {
        let signal = try stop.signal()
        for attempt in 1... {
            do {
                let (installer, _) = try PackInstaller.open(device, settings, resuming: false) { _ in Untouched() }
                try installer.collect(by: .system)
                return
            } catch let refusal as Refusal where ["device_busy", "change_open"].contains(refusal.code) {
                guard attempt < 30 else { throw refusal }
                if signal.wait(timeout: .seconds(10)) { return }
            }
        }
    }
}

/// The hands of somebody who starts and stops nothing.
private struct Untouched: PackServices {
    private func refuse() -> Refusal {
        Refusal(
            .unavailable, code: "change_open", "A collection starts and stops no packs.", rule: "it only removes",
            remedy: "the core finishes an open change by itself")
    }

    func stop(_ packs: [PackID]) throws { throw refuse() }
    func start(_ pack: RunnablePack) throws { throw refuse() }
    func check(_ pack: RunnablePack, within timeout: Duration) throws -> String? { throw refuse() }
    func finish() {}
}
