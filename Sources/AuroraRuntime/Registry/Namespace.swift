package import AuroraSandbox

/// What the device knows about one pack or plugin at run time.
package struct Namespace: Hashable, Sendable {
    package let id: NamespaceID
    /// The user and group it runs as: nobody else's, and its own again after it was removed and came back.
    package let identity: SandboxIdentity
    package let facts: NamespaceFacts
    /// Counts the changes, from 1; see ``NamespaceRegistry/update(_:expecting:_:)``.
    package let version: Int64
}

/// The part of a ``Namespace`` that its owners change.
package struct NamespaceFacts: Hashable, Sendable {
    /// Absolute path of the sealed tree it runs from.
    package var root: String
    /// What of the host appears beside its code.
    package var mounts: [Confinement.Mount] = []
    /// The control group of its processes, as the host names it; nil while it has none.
    package var cgroup: String?
    /// The permissions it was granted, sorted.
    package var grants: [String] = []
    package var state = NamespaceState.registered
    /// The generation that made it what it is; 0 before the first.
    package var generation: Int64 = 0

    /// A namespace without mounts, grants or processes.
    package init(root: String) { self.root = root }
}

/// What a pack or plugin is doing, in one word of its supervisor, such as `READY`; ``registered`` before its first word.
package struct NamespaceState: RawRepresentable, Hashable, Sendable {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }

    /// Known, and never started.
    package static let registered = NamespaceState(rawValue: "registered")

    /// The supervisor's word for a service.
    package init(_ state: ServiceState) { rawValue = state.rawValue }
}

/// A part of a listing, in order of ids.
package struct NamespacePage: Hashable, Sendable {
    package let items: [Namespace]
    /// Where the next page begins; nil on the last.
    package let next: NamespaceID?
}

/// The users and groups that packs and plugins get: one number of the range for each, used as both.
package struct IdentityRange: Hashable, Sendable {
    package let first: UInt32
    package let last: UInt32

    /// - Parameters:
    ///   - first: the lowest number; 65,536 or more, so that no user of the system is among them.
    ///   - count: how many; the highest number must be below 2³² − 2, which means "nobody at all" to the kernel.
    /// - Returns: nil for a range that breaks one of these rules.
    package init?(first: UInt32, count: UInt32) {
        let (last, overflow) = first.addingReportingOverflow(count &- 1)
        guard count > 0, !overflow, first >= 65_536, last < UInt32.max - 1 else { return nil }
        self.first = first
        self.last = last
    }

    /// 1,879,048,192 and the million after it: above what login managers and containers hand out (systemd's own ranges end
    /// at 1,878,982,656), below 2³¹.
    package static let standard = IdentityRange(unchecked: 1_879_048_192, count: 1_000_000)

    private init(unchecked first: UInt32, count: UInt32) {
        self.first = first
        last = first + count - 1
    }
}
