package import AuroraActivation
package import AuroraModel
package import AuroraRuntime
package import AuroraSandbox

/// What is known about one pack on a device.
package struct PackInfo: Hashable, Sendable {
    package let id: PackID
    /// Every version in the store, newest staged first.
    package let staged: [KnownPack]
    /// The active one; nil when the pack is not active.
    package let active: PackSet.Member?
    /// Its trees that failed here, and why.
    package let blocked: [TargetState.Block]
    package let snapshots: [DataSnapshot]
    /// Sandbox layers it may run without, by whose word.
    package let waived: [SandboxLayer: String]
    /// What the core wrote down last of what the pack holds at run time; nil before it first ran it.
    package let runtime: Namespace?
}

/// A generation that a device keeps, for whoever chooses one to go back to.
package struct PackGeneration: Hashable, Sendable {
    package let generation: Generation
    /// Its packs; nil when its set cannot be read.
    package let packs: PackSet?
    /// Whether its packs are the active ones.
    package let isActive: Bool
    /// Whether it is the one that taking the last change back brings back.
    package let isWayBack: Bool
    /// Whether it is kept whatever is collected.
    package let isPinned: Bool
    /// Why it, or a pack of it, may not be activated; nil when it may.
    package let failure: String?

    package var number: Int { generation.number }

    package var json: JSONValue {
        [
            "number": .integer(Int64(number)), "state": .string(generation.state.rawValue),
            "active": .bool(isActive), "rollback": .bool(isWayBack), "pinned": .bool(isPinned),
            "made": JSONValue(Timestamp(milliseconds: generation.created)),
            "packs": packs.map { set in
                .array(set.members.map { ["id": .string($0.id.text), "version": .string("\($0.version)")] })
            } ?? .null,
            "blocked": JSONValue(failure),
        ]
    }
}
