/// The layers, with the ids and the order of AuroraSandbox's SandboxLayer.
enum Layer: String, CaseIterable {
    case launcher
    case specification
    case session
    case resourceLimits = "resource-limits"
    case mounts
    case workingDirectory = "working-directory"
    case identity
    case parentDeath = "parent-death"
    case noNewPrivileges = "no-new-privileges"
    case descriptors
    case landlock
    case seccomp
    case program
    case bubblewrap
    case cgroup
    case keeper

    /// What the launcher ends with when this layer fails: 201 and up.
    var exitCode: Int32 { Int32(201 + (Layer.allCases.firstIndex(of: self) ?? 0)) }
}
