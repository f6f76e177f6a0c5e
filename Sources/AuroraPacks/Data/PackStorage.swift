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
    func check(_ room: Confinement) throws(Refusal) {
        let limit = room.limits.storage
        let usage: FileUsage
        do throws(SystemError) {
            usage = try FileUsage.measured(below: folders(of: room), upTo: limit)
        } catch {
            // A pack that hides what it keeps from being counted keeps too much.
            switch error.errno {
            case ENAMETOOLONG: throw exceeded(room, "\(FileTree.depthLimit) folders inside each other")
            case EACCES: throw exceeded(room, "can be counted: folders that nobody may read,")
            default: break
            }
            throw Refusal(
                .unavailable, code: "storage_unknown", "What \(room.id) keeps cannot be measured: \(error)",
                subject: room.id, rule: "a check that cannot run is a refusal",
                remedy: "look into \(folders(of: room).joined(separator: " and "))")
        }
        guard usage.bytes > limit.bytes || usage.files > limit.files else { return }
        throw exceeded(
            room, usage.bytes > limit.bytes ? "\(limit.bytes >> 20) MiB" : "\(limit.files) files and folders")
    }

    private func exceeded(_ room: Confinement, _ most: String) -> Refusal {
        Refusal(
            .insufficientStorage, code: "storage_exceeded", "\(room.id) keeps more than \(most) in its data and logs.",
            subject: room.id, rule: "resources.storage_mb and storage_files, of the manifest and of device.yaml",
            remedy: "look: aurora pack files \(room.id); remove what is not needed, or allow more")
    }

    /// The pack's data and logs as this room has them; what an operator lends is the operator's to bound.
    private func folders(of room: Confinement) -> [String] {
        let own = room.mounts.filter { mount in
            mount.isWritable && ["\(places.data)/", "\(places.logs)/"].contains { mount.host.hasPrefix($0) }
        }
        return Set(own.map(\.host)).sorted()
    }
}
