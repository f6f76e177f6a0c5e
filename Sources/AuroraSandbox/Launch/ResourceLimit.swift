/// One `setrlimit(2)` limit; soft and hard are set alike, so the child cannot raise it.
package struct ResourceLimit: Hashable, Sendable {
    /// The resources that are limited, by their Linux numbers (the same on x86-64 and arm64).
    package enum Resource: UInt32, Hashable, Sendable, CaseIterable {
        /// Seconds of processor time.
        case cpuSeconds = 0
        /// Bytes of one file written.
        case fileBytes = 1
        /// Bytes of private writable memory.
        case dataBytes = 2
        /// Bytes of a core dump.
        case coreBytes = 4
        /// Processes of the user.
        case processes = 6
        /// Open descriptors plus one.
        case descriptors = 7
        /// Bytes of address space.
        case addressSpace = 9
    }

    /// What is limited.
    package let resource: Resource
    /// The limit in the resource's own unit.
    package let value: UInt64

    /// Makes a limit.
    package init(_ resource: Resource, _ value: UInt64) {
        self.resource = resource
        self.value = value
    }
}
