package import AuroraModel
package import AuroraRuntime
package import AuroraTrust

/// What the operator of a device decides about it: `device.yaml` in the device's folder (docs/formats/device.md).
///
/// Without the file, and for every field left out, the strictest answer holds.
package struct DeviceConfiguration: Hashable, Sendable {
    /// The value of `version`.
    package static let format = "aurora-device-v1"

    /// What a policy says to something that is weaker than it could be.
    package enum Answer: String, CaseIterable, Hashable, Sendable {
        case accept, refuse
    }

    /// Somebody whose signed approvals count here.
    package struct Operator: Hashable, Sendable {
        package let name: UserName
        package let keys: [OperatorPublicKey]

        package init(name: UserName, keys: [OperatorPublicKey]) {
            self.name = name
            self.keys = keys
        }
    }

    /// What is accepted although it is weaker than it could be.
    package struct PolicyWords: Hashable, Sendable {
        /// An approval typed at the device's own terminal.
        package var console = Answer.refuse
        /// A folder whose manifest has empty digests.
        package var unsealed = Answer.refuse
        /// A pack nobody signed.
        package var unsigned = Answer.refuse
        /// Packs that all say `operator_approval_required: false` and ask for nothing new.
        package var unattended = Answer.refuse

        /// Everything refused.
        package init() {}
    }

    /// Which signatures on packs count.
    package struct Signing: Hashable, Sendable {
        /// Public keys, armoured or binary, as absolute paths.
        package var keyring: [String] = []
        /// The primary fingerprints of those that may sign packs.
        package var fingerprints: [String] = []

        /// None.
        package init() {}
    }

    /// The users and groups of packs.
    package struct IdentityFields: Hashable, Sendable {
        package var first: Int64 = 1_879_048_192
        package var count: Int64 = 1_000_000
        var range: IdentityRange? {
            IdentityRange(first: UInt32(clamping: first), count: UInt32(clamping: count))
        }

        /// The usual range.
        package init() {}
    }

    /// The most any pack may be given; nil leaves it to the manifests.
    package struct Resources: Hashable, Sendable {
        package var memoryMB: Int?
        package var processes: Int?
        package var storageMB: Int?
        package var storageFiles: Int?

        /// No limits.
        package init() {}
    }

    /// How much is kept.
    package struct Store: Hashable, Sendable {
        /// How many generations stay beside those that are needed.
        package var keep = 5
        /// Bytes of the store above which older generations go although `keep` would spare them.
        package var bytes: Int64?

        /// The defaults.
        package init() {}
    }

    /// How many copies of packs' data are kept.
    package struct Snapshots: Hashable, Sendable {
        /// How many copies of every pack's data stay beside those that a rollback needs.
        package var keep = 2
        /// Bytes of all copies above which the oldest go although `keep` would spare them.
        package var bytes: Int64?

        /// The defaults.
        package init() {}
    }

    /// What approvals name as their target.
    package var name: TargetName?
    package var operators: [Operator] = []
    package var policy = PolicyWords()
    package var signing = Signing()
    /// The values of variables that packs may ask for.
    package var environment: [EnvironmentName: String] = [:]
    /// Folders lent to packs: absolute paths by name.
    package var mounts: [MountName: String] = [:]
    package var identityFields = IdentityFields()
    package var resources = Resources()
    package var store = Store()
    package var maintenance = MaintenancePlan()
    package var snapshots = Snapshots()

    /// The defaults.
    package init() {}

    /// The users and groups of packs.
    package var identities: IdentityRange { identityFields.range ?? .standard }

    /// The name approvals must name: the configured one, else `device`.
    package var target: TargetName {
        guard let name = name ?? TargetName("device") else { preconditionFailure("device is a target name") }
        return name
    }

    /// What decides about changes, as plans and approvals name it by its digest.
    package var policyJSON: JSONValue {
        [
            "operators": .array(
                operators.map {
                    ["name": .string($0.name.text), "keys": JSONValue($0.keys.map { $0.key.keyID.text }.sorted())]
                }),
            "console": .string(policy.console.rawValue), "unsealed": .string(policy.unsealed.rawValue),
            "unsigned": .string(policy.unsigned.rawValue), "unattended": .string(policy.unattended.rawValue),
            "fingerprints": JSONValue(signing.fingerprints.sorted()),
        ]
    }

    package var policyDigest: Digest { Digest(hashing: policyJSON.documentBytes) }
}
