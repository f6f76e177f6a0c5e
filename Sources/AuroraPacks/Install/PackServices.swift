package import AuroraModel

/// Stops, starts and judges the packs of a device during a change.
///
/// One caller at a time; calls block. Where the core runs it is asked to; where none runs, packs are started for as long as
/// the health gate needs them (``TemporaryServices``).
package protocol PackServices: Sendable {
    /// Stops those of these packs that run, in this order; when it returns nothing of them runs.
    ///
    /// - Throws: what is still running after everything was tried; then nothing may be changed under it.
    func stop(_ packs: [PackID]) throws

    /// Starts one pack and waits until it is ready, at most as long as its manifest says.
    ///
    /// - Throws: why it did not come up.
    func start(_ pack: RunnablePack) throws

    /// Judges a pack that was started: nil when it is healthy before `timeout` is over, else why not.
    func check(_ pack: RunnablePack, within timeout: Duration) throws -> String?

    /// Nothing more is asked for: packs that should not go on running end here.
    func finish()
}

extension PackServices {
    /// Something of a pack runs on although everything was tried.
    ///
    /// - Parameter what: a whole sentence.
    static func survives(_ pack: String, _ what: String, remedy: String) -> Refusal {
        Refusal(
            .unavailable, code: "pack_survives", what, subject: pack, rule: "nothing is changed under a running pack",
            remedy: remedy)
    }
}

/// A pack of a set, ready to be run.
package struct RunnablePack: Sendable {
    package let pack: KnownPack
    /// The whole set, for what of other packs appears in its room.
    package let set: PackSet

    package var id: PackID { pack.id }

    package init(pack: KnownPack, set: PackSet) {
        self.pack = pack
        self.set = set
    }
}
