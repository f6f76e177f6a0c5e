/// What goes into the machine and what comes out of it.
extension ServiceMachine {
    /// Something that happened.
    package enum Input: Hashable, Sendable {
        /// It shall run.
        case startAsked(ServiceCause)
        /// It shall not run.
        case stopAsked(ServiceCause)
        /// Something happened in the room of that attempt; reports of older rooms are ignored.
        case report(attempt: Int, Report)
        /// The time of ``ServiceMachine/deadline`` may have come.
        case clock
    }

    /// What is told about an open room.
    package enum Report: Hashable, Sendable {
        /// The start command ended.
        case started(ConfinedResult.Cause)
        /// The room could not be opened, or must not stay open.
        case refused(String)
        /// The service says that it is ready.
        case ready
        /// The service's watchdog ping.
        case ping
        /// A probe ended; what it said.
        case probed(ProbeRole, passed: Bool, detail: String)
        /// Nothing runs in the room any more, and how the last process ended; status 0 where the start left none at all.
        case gone(ServiceExit)
        /// The room is closed; the last report of an attempt, and exactly one.
        case ended(survivors: Int)
    }

    /// Something to do.
    package enum Action: Hashable, Sendable {
        /// Open a room and run the start command in it.
        case begin(attempt: Int)
        /// End that room: with the stop command first when orderly, and report `ended`.
        case end(attempt: Int, orderly: Bool)
        /// Keep the end of the output: the service has failed.
        case keepCrash(attempt: Int, ServiceCause)
        /// Tell that the state has changed.
        case changed(ServiceTransition)
    }
}
