import AuroraSystem

/// What a ``Scheduler`` must be told about its device.
package struct SchedulerOptions: Sendable {
    /// What distinguishes this device from others, for the jitter.
    package var device: String
    package var clock = SchedulerClock.system
    /// How much there is of each resource that jobs name; what is not named is there once.
    package var capacities: [String: Int] = [:]
    package var zoneFolder = "/usr/share/zoneinfo"
    /// The process that runs are recorded for.
    var owner = RunOwner.own()
    var isAlive: @Sendable (RunOwner) -> Bool = RunOwner.isAlive
    var bootID: @Sendable () -> String = {
        let id = BootClock.bootID()
        return { id }
    }()

    /// The usual clocks and one of every resource.
    package init(device: String) { self.device = device }
}
