package import AuroraActivation
package import AuroraModel
import AuroraSandbox
import Synchronization

/// One registered target: its settings, the engine that owns its files, and the thread its changes run on.
package final class Target: Sendable {
    package let settings: TargetSettings
    package let engine: ActivationEngine
    let commands: HostCommands
    let worker: TargetWorker
    private let running = Mutex<ChangeID?>(nil)
    /// The engine refuses a second operation instead of waiting; looking for drift and changing take turns here.
    private let turn = Mutex(())

    init(settings: TargetSettings, engine: ActivationEngine, sandbox: Sandbox) {
        self.settings = settings
        self.engine = engine
        commands = HostCommands(sandbox: sandbox, settings: settings)
        worker = TargetWorker(label: settings.description.name.text)
    }

    package var name: TargetName { settings.description.name }
    package var description: TargetDescription { settings.description }

    /// The change under way, if any: one at a time for each target.
    package var change: ChangeID? { running.withLock { $0 } }

    /// Takes the target for a change.
    ///
    /// - Throws: `Refusal` with code `target_busy`.
    func reserve(for change: ChangeID) throws(Refusal) {
        let other = running.withLock { current in
            defer { current = current ?? change }
            return current
        }
        if let other { throw TargetRefusals.busy(name, with: other) }
    }

    /// Gives the target free again.
    func release(from change: ChangeID) {
        running.withLock { if $0 == change { $0 = nil } }
    }

    /// Runs an operation of the engine that nothing else may overlap; waits for its turn.
    func exclusively<T: Sendable>(_ body: (ActivationEngine) throws -> T) throws -> T {
        try turn.withLock { _ in try TargetRefusals.translating(name) { try body(engine) } }
    }

    /// How the active tree differs from what was activated; reads every byte.
    func drift() throws -> [DriftItem] { try exclusively { try $0.drift() } }

    /// The same without waiting; nil while an operation is under way.
    func driftNow() throws -> [DriftItem]? {
        guard change == nil else { return nil }
        return try turn.withLockIfAvailable { _ in try engine.drift() }
    }

    /// A kept generation by its number.
    func generation(_ number: Int64) throws(Refusal) -> Generation {
        guard let found = engine.generations().first(where: { Int64($0.number) == number }) else {
            throw TargetRefusals.generationUnknown(number, on: name)
        }
        return found
    }

    /// Words for people in the generation's record.
    static func label(_ state: PlanState) -> String {
        let named = [state.name?.text, state.version?.description].compactMap { $0 }.joined(separator: " ")
        return named.isEmpty ? state.artifact?.short ?? "" : named
    }
}
