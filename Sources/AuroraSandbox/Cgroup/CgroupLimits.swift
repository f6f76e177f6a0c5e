/// Most that everything in a group may use together.
package struct CgroupLimits: Hashable, Sendable {
    /// Bytes of memory, page cache included; swap is off.
    package var memoryBytes: UInt64
    /// Processes and threads.
    package var processes: UInt32
    /// Hundredths of one core; nil is no limit.
    package var cpuPercent: UInt32?

    /// No limits: a group to count and to end things with.
    package static let unlimited = CgroupLimits(memoryBytes: .max, processes: .max)

    package init(memoryBytes: UInt64, processes: UInt32, cpuPercent: UInt32? = nil) {
        self.memoryBytes = memoryBytes
        self.processes = processes
        self.cpuPercent = cpuPercent
    }
}

/// One value to write into one file of a group.
struct CgroupSetting: Hashable {
    let file: String
    let value: String
    /// Whether a kernel without the file still holds the limit.
    var isOptional = false
}
