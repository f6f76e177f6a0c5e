package import AuroraRuntime

/// Where the core learns which packs are active; the installer's side.
package protocol ActivePacks: Sendable {
    /// Finishes or undoes a change that was interrupted.
    ///
    /// Called before anything runs, and again when whoever was changing the set went away in the middle. It may start, ask
    /// and stop packs through `control`; when it returns the set is one that somebody approved.
    /// - Returns: what was done, in words; nil when nothing was open.
    func recover(through control: any PackControl) throws -> String?

    /// Reads again what the operator decides about the device, for the ``definitions()`` that follow.
    ///
    /// Called before a change of the set, which was checked with what is decided now, and when an operator asks for it.
    func readConfiguration() throws

    /// The packs of the active set, as services; one that cannot be described is there with its reason.
    func definitions() throws -> [ServiceDefinition]

    /// The room of a pack as it is to be opened now: what may have changed since ``definitions()`` is looked up again.
    func renewed(_ room: Confinement) throws -> Confinement

    /// Writes down what packs hold of the device at run time, where its other programs find it; one transaction.
    ///
    /// - Parameter isAll: whether nothing of any other pack runs.
    func keep(_ packs: [ServiceRuntime], isAll: Bool) throws
}
