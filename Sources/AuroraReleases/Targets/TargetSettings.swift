package import AuroraModel

/// One target as `aurora.yaml` gives it: what it is, and the commands that belong to it.
///
/// Commands are argument lists from the hub's configuration, never from an artifact.
package struct TargetSettings: Hashable, Sendable {
    package var description: TargetDescription
    /// Run after each switch (a restart); empty when nothing has to be told.
    package var apply: [String]
    /// Proves health after a switch; empty when there is no check.
    package var health: [String]
    /// Run in the trial; the health command unless given.
    package var trial: [String]
    package var applyTimeout: Duration
    package var healthTimeout: Duration
    /// The uid and gid the commands run with; nil means an unprivileged user that is nobody else's.
    ///
    /// A hub that is not root can run them as itself only.
    package var runAs: RunAs?
    /// Generations kept, the active one and the rollback target included.
    package var keep: Int
    /// What hardware it is; a release with signed hardware ids must name one of them.
    ///
    /// Empty means any.
    package var hardwareIDs: [String]

    package init(
        description: TargetDescription, apply: [String] = [], health: [String] = [], trial: [String]? = nil,
        applyTimeout: Duration = .seconds(30), healthTimeout: Duration = .seconds(30), runAs: RunAs? = nil,
        keep: Int = 5, hardwareIDs: [String] = []
    ) {
        self.description = description
        self.apply = apply
        self.health = health
        self.trial = trial ?? health
        self.applyTimeout = applyTimeout
        self.healthTimeout = healthTimeout
        self.runAs = runAs
        self.keep = keep
        self.hardwareIDs = hardwareIDs
    }
}

/// A user and group of the machine by their numbers.
package struct RunAs: Hashable, Sendable {
    package let uid: UInt32
    package let gid: UInt32

    package init(uid: UInt32, gid: UInt32) {
        self.uid = uid
        self.gid = gid
    }
}
