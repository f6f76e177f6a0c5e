package import AuroraModel

/// The exact description of a change of a device's packs before it happens (`aurora-pack-plan-v1`, docs/formats/device.md).
///
/// Operators sign its digest, so everything that makes two changes different stands in it, and nothing that is mere
/// circumstance (no clock, no free space, no size of data that grow while one reads): made again from the same state it
/// has the same bytes.
package struct PackPlan: Hashable, Sendable {
    package static let format = "aurora-pack-plan-v1"

    /// One pack that is added, replaced or removed.
    package struct Change: Hashable, Sendable {
        /// One side of it.
        package struct Side: Hashable, Sendable {
            package let version: SemanticVersion
            package let tree: Digest
        }

        package let pack: PackID
        package let from: Side?
        package let to: Side?
        package let isSealed: Bool
        package let signature: SignatureVerdict
        /// Whether a rehearsal runs `install --dry-run`; else there is this plan and nothing more.
        package let isRehearsable: Bool
        package let files: PlanFiles
        package let permissions: PermissionChange
        package let data: DataChange
    }

    /// What the pack may reach before and after.
    package struct PermissionChange: Hashable, Sendable {
        package let from: PackManifest.Permissions
        package let to: PackManifest.Permissions
        /// Whether it reaches further, which no policy lets pass without a person.
        package var isWider: Bool { to.widens(from) }
    }

    /// What happens to the pack's data.
    package struct DataChange: Hashable, Sendable {
        package enum Action: String, CaseIterable, Hashable, Sendable {
            /// A folder is made.
            case create
            /// They stay as they are and where they are.
            case keep
            /// A copy is put aside first.
            case snapshot
            /// The new schema's folder is made from a copy of the old one's.
            case carry
            /// The folder of an earlier schema is used again as it was left: what was written since is not in it.
            case revert
            /// What was put aside before the change is brought back: what was written since is put aside.
            case restore
            /// The pack goes, its data stay.
            case leave
        }

        package let action: Action
        package let from: Int?
        package let to: Int?
        /// The program that brings them to the new schema.
        package let migrate: PackPath?
    }

    package let action: Kind
    package let device: TargetName
    package let fromGeneration: Int
    package let fromSet: Digest?
    package let toSet: Digest?
    /// By id.
    package let changes: [Change]
    /// How the packs were chosen, one sentence each.
    package let resolution: [String]
    /// How the packs that run now differ from what was activated.
    package let drift: [PlanDrift]
    /// In this order.
    package let stop: [PackID]
    /// In this order.
    package let start: [PackID]
    /// Bytes of trees that are not active yet.
    package let newBytes: Int64
    /// Layers and features of the machine that these packs need and it lacks; anything here refuses the change.
    package let missingFeatures: [String]
    /// Whether a person must approve, by the manifests and the permissions.
    package let needsApproval: Bool
    /// The digest of the device's policy.
    package let policy: Digest

    /// What sort of change it is.
    package enum Kind: String, CaseIterable, Hashable, Sendable {
        /// Packs are added, replaced or removed.
        case install
        /// An earlier generation's packs are made active again, as a change of its own.
        case activate
        /// The last change is taken back.
        case rollback

        /// The action that an approval names.
        package var approved: Plan.Action { self == .rollback ? .rollback : .promote }
    }

    /// The canonical bytes: what is stored, shown and signed.
    package var bytes: [UInt8] { json.documentBytes }
    /// The SHA-256 of ``bytes``, which approvals name.
    package var digest: Digest { Digest(hashing: bytes) }
    /// Whether any pack of it reaches further than before.
    package var isWidening: Bool { changes.contains { $0.permissions.isWider } }

    /// The request as approvals name it: each plan has exactly one.
    package var suggestion: SuggestionID { SuggestionID(random: Array(digest.bytes)) }
}

extension PackPlan {
    package var json: JSONValue {
        [
            "format": .string(Self.format), "action": .string(action.rawValue), "device": .string(device.text),
            "from": ["generation": .integer(Int64(fromGeneration)), "set": JSONValue(fromSet)],
            "to": ["set": JSONValue(toSet)], "changes": .array(changes.map(\.json)),
            "resolution": JSONValue(resolution), "drift": .array(drift.map(\.json)),
            "stop": JSONValue(stop.map(\.text)), "start": JSONValue(start.map(\.text)),
            "newBytes": .integer(newBytes), "missingFeatures": JSONValue(missingFeatures),
            "needsApproval": .bool(needsApproval), "policy": JSONValue(policy),
        ]
    }

    /// The members in which this plan differs from another one as it was kept, for whoever is told that one is stale.
    package func differences(from other: JSONValue) -> [String] {
        guard case .object(let mine) = json, case .object(let theirs) = other else { return [] }
        return mine.keys.filter { mine[$0] != theirs[$0] }.sorted()
    }
}

extension PackPlan.Change {
    var json: JSONValue {
        [
            "pack": .string(pack.text), "from": from?.json ?? .null, "to": to?.json ?? .null,
            "sealed": .bool(isSealed), "signature": signature.json, "rehearsable": .bool(isRehearsable),
            "files": files.json,
            "permissions": [
                "from": permissions.from.json, "to": permissions.to.json, "wider": .bool(permissions.isWider),
            ],
            "data": [
                "action": .string(data.action.rawValue), "from": JSONValue(data.from), "to": JSONValue(data.to),
                "migrate": JSONValue(data.migrate?.text),
            ],
        ]
    }
}

extension PackPlan.Change.Side {
    var json: JSONValue { ["version": .string("\(version)"), "tree": JSONValue(tree)] }
}
