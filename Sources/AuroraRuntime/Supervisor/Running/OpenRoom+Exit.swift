extension OpenRoom {
    /// How what a start left behind has ended; a start that left nothing is done.
    ///
    /// A service that says by its status how it ended is believed; otherwise memory that ran out is the reason, also where
    /// a shell turned the kill of its child into a status of its own.
    package var serviceExit: ServiceExit {
        switch lastExit {
        case .exited(let status)? where [0, ServiceExit.temporary, ServiceExit.misconfigured].contains(status):
            .exited(status)
        case nil: ranOutOfMemory ? .outOfMemory : .exited(0)
        case let other?: ranOutOfMemory ? .outOfMemory : other
        }
    }
}
