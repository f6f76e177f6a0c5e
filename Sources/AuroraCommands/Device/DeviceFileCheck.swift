import AuroraPacks
import AuroraSystem
import Glibc

/// What `aurora doctor` says of the file in which an operator decides about this device.
///
/// Whoever may write it, or replace it in its folder, says whose approvals count here.
enum DeviceFileCheck {
    /// Nil where this machine is no device.
    static func finding(_ places: DevicePlaces) -> Finding? {
        let path = places.configuration
        guard let file = status(path) else { return nil }
        for (path, status) in [(path, file), (places.root, status(places.root))] {
            if let status, let finding = writable(path, status) { return finding }
        }
        do {
            _ = try DeviceConfiguration.load(places)
        } catch {
            return Finding(
                name: name, status: .bad, detail: "a core that starts now cannot read \(path): \(error)",
                remedy: "correct it; what runs goes on with what was read before")
        }
        guard file.mode & 0o044 == 0 else {
            return Finding(
                name: name, status: .warning,
                detail: "others may read \(path), which may hold variables that are lent to packs",
                remedy: "chmod 600 \(path)")
        }
        return Finding(name: name, status: .good, detail: "\(path) is its owner's alone")
    }

    private static let name = "device: device.yaml"

    private static func writable(_ path: String, _ status: FileStatus) -> Finding? {
        let detail = "others may write \(path), and decide whose approvals count on this device"
        if status.uid != 0, status.uid != geteuid() {
            return Finding(
                name: name, status: .bad, detail: "\(detail): it belongs to user \(status.uid)",
                remedy: "look at what it says, then: chown root \(path)")
        }
        guard status.mode & 0o022 != 0 else { return nil }
        return Finding(
            name: name, status: .bad, detail: detail, remedy: "look at what it says, then: chmod go-w \(path)")
    }

    /// Of what a link at its end leads to.
    private static func status(_ path: String) -> FileStatus? { try? Descriptor.open(path, .pathOnly).stat() }
}
