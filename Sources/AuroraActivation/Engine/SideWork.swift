/// What an operation changes beside the tree, such as services that are stopped and data that a new version migrates.
///
/// The intent in the journal says that there is such work, so no interruption forgets it: the old generation is never
/// started again before `undo` has come to its end, be it in this process or in the next one.
package struct SideWork {
    /// Runs after the intent is durable and before the switch; what it throws ends the operation with nothing switched.
    ///
    /// For a rollback it also runs when recovery goes on after the switch, so there it must be repeatable.
    package let prepare: () throws -> Void
    /// Takes back what `prepare` did, however far that got; may run again and again.
    package let undo: () throws -> Void

    package init(prepare: @escaping () throws -> Void, undo: @escaping () throws -> Void) {
        self.prepare = prepare
        self.undo = undo
    }
}
