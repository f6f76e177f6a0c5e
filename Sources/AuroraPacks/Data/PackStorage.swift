import AuroraModel
import AuroraRuntime
import AuroraSystem
import Glibc

/// How much a pack keeps in its own folders, and whether that is more than it may.
struct PackStorage: Sendable {
    let places: DevicePlaces

    /// Measures the folders of the device that this room may write to.
    ///
    /// - Throws: `Refusal` with code `storage_exceeded`; or with `storage_unknown` where they cannot be measured.
    func check(_ room: Confinement) throws(Refusal) { try check(room.id, folders(of: room), room.limits.storage) }

    /// The same of these folders.
    func check(_ pack: PackID, _ folders: [String], _ limit: FileUsage) throws(Refusal) {
        try check(pack.text, folders, limit)
    }

    private func check(_ id: String, _ folders: [String], _ limit: FileUsage) throws(Refusal) {
        let usage: FileUsage
        do throws(SystemError) {
            usage = try FileUsage.measured(below: folders, upTo: limit)
        } catch {
            // A pack that hides what it keeps from being counted keeps too much.
            switch error.errno {
            case ENAMETOOLONG: throw exceeded(id, "more than \(FileTree.depthLimit) folders inside each other")
            case EACCES: throw exceeded(id, "folders that nobody may read")
            default: break
            }
            throw Refusal(
                .unavailable, code: "storage_unknown", "What \(id) keeps cannot be measured: \(error)",
                subject: id, rule: "a check that cannot run is a refusal",
                remedy: "look into \(folders.joined(separator: " and "))")
        }
        if usage.bytes > limit.bytes { throw exceeded(id, "more than \(limit.bytes >> 20) MiB") }
        if usage.files > limit.files { throw exceeded(id, "more than \(limit.files) files and folders") }
    }

    private func exceeded(_ id: String, _ what: String) -> Refusal {
        Refusal(
            .insufficientStorage, code: "storage_exceeded", "\(id) keeps \(what) in its data and logs.", subject: id,
            rule: "resources.storage_mb and storage_files, of the manifest and of device.yaml",
            remedy: "look: aurora pack files \(id) --usage; remove what is not needed, or allow more")
    }

    /// The pack's data and logs as this room has them; what an operator lends is the operator's to bound.
    private func folders(of room: Confinement) -> [String] {
        let own = room.mounts.filter { mount in
            mount.isWritable && ["\(places.data)/", "\(places.logs)/"].contains { mount.host.hasPrefix($0) }
        }
        return Set(own.map(\.host)).sorted()
    }
}
