package import AuroraModel

/// Where everything of a device's packs lies, below one folder on one file system.
///
/// `store/<tree digest>/` immutable trees, of packs and of sets · `gen/<n>/tree -> ../../store/<set digest>` ·
/// `current -> gen/<n>/tree` · `live -> current/packs`, so `live/<id>/start.sh` is always the active one ·
/// `data/<id>/<schema>/` and `logs/<id>/` what packs write · `snap/` snapshots of data · `journal/`, `staging/`, `lock`
/// the engine's · `device.db` namespaces, staged packs, approvals and the audit log · `run/` sockets.
package struct DevicePlaces: Hashable, Sendable {
    /// The folder: absolute, normalized.
    package let root: String

    /// Uses this folder.
    package init(root: String) { self.root = root }

    /// The link that the engine switches.
    package var current: String { "\(root)/current" }
    /// The folder of the active packs by id.
    package var live: String { "\(root)/live" }
    package var data: String { "\(root)/data" }
    package var logs: String { "\(root)/logs" }
    package var snapshots: String { "\(root)/snap" }
    package var database: String { "\(root)/device.db" }
    /// Room that is set aside for a full disk.
    package var reserve: String { "\(root)/reserve" }
    package var run: String { "\(root)/run" }
    /// Where the core is asked (docs/formats/core-socket.md).
    package var coreSocket: String { "\(run)/core.sock" }
    /// What the core shows to packs that may see how all packs stand.
    package var status: String { "\(run)/status" }
    /// What the core keeps of the output of packs (docs/formats/pack-log.md).
    package var output: String { "\(root)/output" }
    /// What the operator decides about the device.
    package var configuration: String { "\(root)/device.yaml" }
    /// Operators' signed waivers of sandbox layers, one file each.
    package var waivers: String { "\(root)/waivers" }
    /// The key that signs checkpoints of the device's log, mode 0600.
    package var auditKey: String { "\(root)/audit.key" }
    /// The keys that may sign packs, as gpgv reads them; made from device.yaml.
    package var keyring: String { "\(root)/keyring.gpg" }
    /// Tiles and checkpoint of the log, made from the database.
    package var audit: String { "\(root)/audit" }

    /// The device's folder as a pack sees it in its room: below it the pack finds `packs/<id>` (itself, read-only),
    /// `live` (a link to `packs`), `logs/<id>` and `data/<id>/<schema>` at the same relative places as on the device.
    ///
    /// It is the working directory of the scripts, so that `live/<id>/start.sh` means the same inside and outside.
    package static let room = DevicePlaces(root: "/aurora")

    /// The folder of a tree in the store.
    package func stored(_ tree: Digest) -> String { "\(root)/store/\(tree.hex)" }
    /// The folder a pack writes its data of one schema version to.
    package func data(of pack: PackID, schema: Int) -> String { "\(data)/\(pack.text)/\(schema)" }
    /// The folder a pack writes its logs to.
    package func logs(of pack: PackID) -> String { "\(logs)/\(pack.text)" }
}
