/// One archive and what must come of it.
package struct ArchiveCase: Sendable, CustomStringConvertible {
    /// What it is, in words; also the test's name.
    package let name: String
    /// The id of the rule it breaks, or nothing when it must be accepted.
    package let rule: String?
    /// The limits it is unpacked with: bytes, entries; nothing for the defaults.
    package let limits: (bytes: UInt64, entries: Int)?
    /// Makes the artifact's bytes.
    package let make: @Sendable () throws -> [UInt8]

    package var description: String { name }

    /// A case from bytes made when asked for.
    package init(
        _ name: String, _ rule: String?, limits: (bytes: UInt64, entries: Int)? = nil,
        bytes make: @escaping @Sendable () throws -> [UInt8]
    ) {
        self.name = name
        self.rule = rule
        self.limits = limits
        self.make = make
    }

    /// A case from a tar built by hand and ended properly.
    package init(
        _ name: String, _ rule: String?, limits: (bytes: UInt64, entries: Int)? = nil,
        _ build: @escaping @Sendable (inout TarBuilder) -> Void
    ) {
        self.init(
            name, rule, limits: limits,
            bytes: {
                var tar = TarBuilder()
                build(&tar)
                tar.end()
                return tar.bytes
            })
    }
}

/// The archives.
package enum HostileArchives {
    /// All that must be refused.
    package static var hostile: [ArchiveCase] {
        names + collisions + links + kinds + metadata + container + filters + bombs
    }
}
